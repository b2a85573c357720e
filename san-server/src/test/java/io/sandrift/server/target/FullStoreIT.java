package io.sandrift.server.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.client.ScsiException;
import io.sandrift.server.store.StoreOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store without space left, as an initiator sees it. */
@Tag("S11")
@Timeout(60)
class FullStoreIT {

  private static final int MIB = 1 << 20;
  private static final int DATA_PROTECT = 0x07;
  private static final int SPACE_ALLOCATION_FAILED = 0x2707;

  @TempDir Path directory;

  @Test
  void aWriteIsRefusedWithTheSenseForItReadsGoOnAndFreedSpaceMakesWritesGoOn() throws Exception {
    try (TestTarget target = TestTarget.start(directory, new StoreOptions(2L * MIB, 0, 2));
        Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = initiator.open(target.url())) {
      ByteBuffer data = ByteBuffer.allocate(4096).putInt(0, 4711);
      device.write(0, data);
      device.write(MIB, data);

      ScsiException refused =
          catchThrowableOfType(ScsiException.class, () -> device.write(2 * MIB, data));
      assertThat(refused.senseKey()).isEqualTo(DATA_PROTECT);
      assertThat(refused.additionalSense()).isEqualTo(SPACE_ALLOCATION_FAILED);
      assertThat(refused).hasMessageContaining("no space left");

      ByteBuffer read = ByteBuffer.allocate(4096);
      device.read(0, read);
      assertThat(read.clear()).isEqualTo(data);

      device.unmap(0, MIB);
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .untilAsserted(() -> device.write(2 * MIB, data));
    }
  }
}
