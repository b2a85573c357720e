package io.sandrift.server.scsi.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.task.ScsiStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever an initiator sends is answered: no exception, no endless wait, and the disk goes on. The
 * buffers are watched by the leak detector, at its strictest in these tests.
 */
@Tag("S11")
class AnyCommandTest {

  private static final int COMMANDS = 4000;

  private final TestDisk disk = new TestDisk();

  private Set<Integer> operationCodes() {
    ByteBuffer all = disk.initiator.send("a3 0c 00 00 00 00 00 00 ff ff 00 00").fields();
    Set<Integer> codes = new LinkedHashSet<>();
    for (int at = 4; at < all.capacity(); at += 8) {
      codes.add(all.get(at) & 0xff);
    }
    return codes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyRandomCommandIsAnswered(long seed) {
    Random random = new Random(seed);
    Integer[] codes = operationCodes().toArray(Integer[]::new);
    for (int i = 0; i < COMMANDS; i++) {
      byte[] cdb = new byte[16];
      // Sparse bytes reach further than dense ones, which fail the first check.
      for (int j = 1; j < cdb.length; j++) {
        cdb[j] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
      }
      cdb[0] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : codes[i % codes.length]);
      byte[] data = new byte[random.nextInt(4) * random.nextInt(2000)];
      if (random.nextBoolean()) {
        random.nextBytes(data);
      }
      String hex = HexFormat.of().formatHex(cdb);
      Reply reply = disk.initiator.send(random.nextInt(20) == 0 ? 1L << 48 : 0, hex, data);
      boolean isCheck = reply.status() == ScsiStatus.CHECK_CONDITION;
      assertThat(reply.response().sense().length > 0)
          .as("%s, seed %d", hex, seed)
          .isEqualTo(isCheck);
    }
    assertThat(new Initiator(disk.server, "later").send("12 00 00 00 ff 00").summary())
        .isEqualTo("GOOD");
  }

  @Test
  void everyParameterListIsAnsweredAtEveryLength() {
    String[] cdbs = {
      "15 10 00 00 %02x 00",
      "55 10 00 00 00 00 00 00 %02x 00",
      "42 00 00 00 00 00 00 00 %02x 00",
      "5f 00 00 00 00 00 00 00 %02x 00",
      "5f 07 00 00 00 00 00 00 %02x 00",
      "83 00 00 00 00 00 00 00 00 00 00 00 00 %02x 00 00"
    };
    for (String cdb : cdbs) {
      for (int length = 0; length < 120; length++) {
        for (int fill : new int[] {0, 0xff, 8}) {
          byte[] list = new byte[length];
          Arrays.fill(list, (byte) fill);
          Reply reply = disk.initiator.send(String.format(cdb, length), list);
          assertThat(reply.status()).as("%s of %d times %02x", cdb, length, fill).isNotNull();
        }
      }
    }
  }
}
