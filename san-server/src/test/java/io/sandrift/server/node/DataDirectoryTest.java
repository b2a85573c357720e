package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

  @TempDir Path parent;

  @Test
  void theFirstStartGivesTheServerAnIdThatItKeeps() throws Exception {
    String id;
    try (DataDirectory first = DataDirectory.open(parent.resolve("a/b"), "")) {
      id = first.serverId().value();
    }
    try (DataDirectory again = DataDirectory.open(parent.resolve("a/b"), "")) {
      assertThat(again.serverId().value()).isEqualTo(id).startsWith("server-");
    }
  }

  @Test
  void aWantedIdIsKept() throws Exception {
    DataDirectory.open(parent, "alpha").close();
    try (DataDirectory again = DataDirectory.open(parent, "")) {
      assertThat(again.serverId().value()).isEqualTo("alpha");
    }
  }

  @Test
  void theDirectoryOfAnotherServerIsRefused() throws Exception {
    DataDirectory.open(parent, "alpha").close();
    assertThatThrownBy(() -> DataDirectory.open(parent, "beta"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("belongs to server 'alpha'");
  }

  @Test
  void aDirectoryInUseIsRefusedAndItsHolderNamed() throws Exception {
    try (DataDirectory held = DataDirectory.open(parent, "")) {
      assertThat(held.store().getParent()).isEqualTo(parent);
      assertThatThrownBy(() -> DataDirectory.open(parent, ""))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void whatVolumesHoldIsItsOwnersAloneEvenIfItWasNot() throws Exception {
    Path store = Files.createDirectory(parent.resolve("store"));
    Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (DataDirectory held = DataDirectory.open(parent, "")) {
      assertThat(Files.getPosixFilePermissions(held.store()))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aDirectoryThatWasGivenBackCanBeTakenAgain() throws Exception {
    DataDirectory directory = DataDirectory.open(parent, "");
    directory.close();
    directory.close();
    DataDirectory.open(parent, "").close();
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsRefused() throws Exception {
    Path file = Files.createFile(parent.resolve("file"));
    assertThatThrownBy(() -> DataDirectory.open(file, ""))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("choose another data-dir");
  }

  @Test
  void aDamagedIdentityIsRefusedAndTheDirectoryGivenBack() throws Exception {
    Files.writeString(parent.resolve("server.json"), "{\"format\":1,");
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> DataDirectory.open(parent, ""))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("server.json")
          .hasMessageContaining("backup");
    }
  }

  @Test
  void anIdentityOfANewerVersionIsRefused() throws Exception {
    Files.writeString(parent.resolve("server.json"), "{\"format\":2}");
    assertThatThrownBy(() -> DataDirectory.open(parent, "")).hasMessageContaining("newer version");
  }
}
