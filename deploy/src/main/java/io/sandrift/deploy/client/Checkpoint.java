package io.sandrift.deploy.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far a copy has got, in a file, so that it can go on after it was cut off. One file for each
 * pair of ends, in the user's state directory.
 */
final class Checkpoint {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String from;
  private final String to;
  private final long bytes;

  private Checkpoint(Path file, String from, String to, long bytes) {
    this.file = file;
    this.from = from;
    this.to = to;
    this.bytes = bytes;
  }

  /**
   * The checkpoint of a copy.
   *
   * @param directory where to keep it; null for the user's state directory
   * @param from names the source, and what it is
   * @param to names the destination likewise
   * @param bytes how much is copied in all
   */
  static Checkpoint of(@Nullable Path directory, String from, String to, long bytes) {
    UUID pair = UUID.nameUUIDFromBytes((from + "\n" + to).getBytes(StandardCharsets.UTF_8));
    Path in = directory == null ? stateDirectory() : directory;
    return new Checkpoint(in.resolve("copy-" + pair + ".json"), from, to, bytes);
  }

  private static Path stateDirectory() {
    String state = System.getenv("XDG_STATE_HOME");
    Path base =
        state == null || state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return base.resolve("sandrift");
  }

  /** How many bytes were copied durably by an earlier run; 0 if there was none of this copy. */
  long done() {
    try {
      if (!Files.exists(file)) {
        return 0;
      }
      JsonNode node = JSON.readTree(Files.readAllBytes(file));
      boolean isThis =
          node.path("from").asText().equals(from)
              && node.path("to").asText().equals(to)
              && node.path("bytes").asLong(-1) == bytes;
      return isThis ? Math.max(0, Math.min(bytes, node.path("done").asLong())) : 0;
    } catch (IOException e) {
      // Unreadable is as good as none: the copy begins anew.
      return 0;
    }
  }

  /** So many bytes are copied, and durable. */
  void write(long done) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        next,
        JSON.createObjectNode()
            .put("from", from)
            .put("to", to)
            .put("bytes", bytes)
            .put("done", done)
            .toString());
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}
