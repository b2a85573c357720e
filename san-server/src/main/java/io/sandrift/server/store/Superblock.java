package io.sandrift.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * What {@code store.json} says.
 *
 * @param format the version of the directory's layout
 * @param id which store it is
 */
record Superblock(int format, String id) {

  /** The layout that this software writes, and the only one that it reads. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads the file, or writes a new one if the directory has no store yet. */
  static Superblock readOrCreate(Path file, boolean isNew) throws StoreException {
    try {
      if (isNew) {
        Superblock created = new Superblock(FORMAT, UUID.randomUUID().toString());
        created.write(file);
        return created;
      }
      Superblock read = JSON.readValue(Files.readAllBytes(file), Superblock.class);
      if (read.format != FORMAT) {
        throw new StoreException(
            file
                + " says format "
                + read.format
                + ", and this version of Sandrift knows format "
                + FORMAT
                + " only; start the version that wrote it, or a newer one");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new StoreException(
          file
              + " is damaged: "
              + e.getOriginalMessage()
              + ". Nothing was changed; restore it from a backup",
          e);
    } catch (IOException e) {
      throw new StoreException(file + " can't be read or written: " + e.getMessage(), e);
    }
  }

  private void write(Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(JSON.writeValueAsBytes(this)));
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
