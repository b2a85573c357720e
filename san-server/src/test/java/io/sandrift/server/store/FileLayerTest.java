package io.sandrift.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLayerTest {

  @TempDir Path directory;

  @Test
  void theRoomOfADirectoryThatIsMissingIsAnErrorAndNotZero() {
    assertThatThrownBy(() -> FileLayer.SYSTEM.usableBytes(directory.resolve("missing")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theRoomOfADirectoryIsThatOfItsFileSystem() throws Exception {
    assertThat(FileLayer.SYSTEM.usableBytes(directory)).isPositive();
  }
}
