package io.sandrift.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionReplica;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A replica as a test likes to use it: each call to its end. */
final class Disk {

  private final PartitionReplica replica;

  Disk(PartitionReplica replica) {
    this.replica = replica;
  }

  IoStatus write(long unit, int offset, byte[] bytes) throws Exception {
    CompletableFuture<IoStatus> outcome = new CompletableFuture<>();
    ByteBuf from = Unpooled.directBuffer().writeBytes(bytes);
    replica.write(unit, offset, from, 0, bytes.length, outcome::complete);
    return await(outcome, from);
  }

  byte[] read(long unit, int offset, int length) throws Exception {
    ByteBuf into = Unpooled.directBuffer(length, length).writerIndex(length);
    CompletableFuture<IoStatus> outcome = new CompletableFuture<>();
    replica.read(unit, offset, into, 0, length, outcome::complete);
    assertThat(await(outcome)).isEqualTo(IoStatus.OK);
    byte[] bytes = new byte[length];
    into.readBytes(bytes).release();
    return bytes;
  }

  IoStatus zero(long unit, int offset, int length) throws Exception {
    CompletableFuture<IoStatus> outcome = new CompletableFuture<>();
    replica.zero(unit, offset, length, outcome::complete);
    return await(outcome);
  }

  IoStatus flush() throws Exception {
    CompletableFuture<IoStatus> outcome = new CompletableFuture<>();
    replica.flush(outcome::complete);
    return await(outcome);
  }

  IoStatus compareAndWrite(long unit, int offset, byte[] expected, byte[] replacement)
      throws Exception {
    CompletableFuture<IoStatus> outcome = new CompletableFuture<>();
    ByteBuf both = Unpooled.directBuffer().writeBytes(expected).writeBytes(replacement);
    replica.compareAndWrite(
        unit, offset, both, 0, expected.length, (status, at) -> outcome.complete(status));
    return await(outcome, both);
  }

  boolean isAllocated(long unit) {
    boolean[] allocated = new boolean[1];
    replica.allocation(unit, 1, (status, bits) -> allocated[0] = bits.get(0));
    return allocated[0];
  }

  private static IoStatus await(CompletableFuture<IoStatus> outcome) throws Exception {
    return outcome.get(20, TimeUnit.SECONDS);
  }

  private static IoStatus await(CompletableFuture<IoStatus> outcome, ByteBuf used)
      throws Exception {
    try {
      return await(outcome);
    } finally {
      used.release();
    }
  }

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
