package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.Pdu;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder in a channel of its own, with an allocator that counts: closing it fails when a byte of
 * what was allocated for it is still held.
 */
final class DecodingChannel implements AutoCloseable {

  static final int MAX_DATA = 256 * 1024;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final PduDecoder decoder;
  private final EmbeddedChannel channel;
  private final List<Object> out = new ArrayList<>();
  private Throwable thrown;
  private Digests afterLogin;

  DecodingChannel(PduDecoder.Sender sender) {
    this(sender, MAX_DATA, Digests.NONE);
  }

  DecodingChannel(PduDecoder.Sender sender, int maxDataSegmentLength, Digests digests) {
    decoder = new PduDecoder(sender, maxDataSegmentLength);
    decoder.setDigests(digests);
    channel = new EmbeddedChannel();
    channel.config().setAllocator(allocator);
    channel.pipeline().addLast(decoder, new Collector());
  }

  private final class Collector extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      out.add(message);
      if (afterLogin != null && message instanceof Pdu pdu && endsLogin(pdu)) {
        decoder.setDigests(afterLogin);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      thrown = cause;
    }

    private static boolean endsLogin(Pdu pdu) {
      return (pdu instanceof LoginRequest request
              && request.transit()
              && request.nextStage() == LoginStage.FULL_FEATURE_PHASE)
          || (pdu instanceof LoginResponse response
              && response.transit()
              && response.nextStage() == LoginStage.FULL_FEATURE_PHASE);
    }
  }

  /** Switches to these digests behind the PDU that ends the login phase. */
  void setDigestsAfterLogin(Digests digests) {
    afterLogin = digests;
  }

  void receive(byte[] bytes) {
    receive(bytes, 0, bytes.length);
  }

  void receive(byte[] bytes, int from, int length) {
    ByteBuf received = allocator.buffer(Math.max(1, length)).writeBytes(bytes, from, length);
    channel.writeInbound(received);
  }

  /** Receives bytes in a buffer that has room for more, as a socket's buffers have. */
  void receiveInBufferOf(int capacity, byte[] bytes) {
    channel.writeInbound(allocator.buffer(capacity).writeBytes(bytes));
  }

  /** All that came out: PDUs and faults. */
  List<Object> out() {
    return out;
  }

  Pdu onlyPdu() {
    assertThat(out).hasSize(1);
    return (Pdu) out.get(0);
  }

  PduFault onlyFault() {
    assertThat(out).hasSize(1);
    return (PduFault) out.get(0);
  }

  /** The bytes that are held for this channel, its results included. */
  long bytesHeld() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }

  void releaseAll() {
    for (Object message : out) {
      if (message instanceof Pdu pdu) {
        pdu.release();
      }
    }
    out.clear();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    releaseAll();
    assertThat(thrown).as("what the decoder threw").isNull();
    assertThat(bytesHeld()).as("bytes held after the channel was closed").isZero();
  }
}
