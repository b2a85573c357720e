package io.sandrift.server.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.load.membership.ServerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A server's data directory, locked for this process, with the server's identity in {@code
 * server.json}. The store and the ZooKeeper inside have directories of their own in it. Opened and
 * closed by the node's thread.
 */
final class DataDirectory implements AutoCloseable {

  private static final int FORMAT = 1;
  private static final String STORE = "store";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel lock;
  private final ServerId serverId;
  private final UUID dataId;

  private DataDirectory(Path path, FileChannel lock, ServerId serverId, UUID dataId) {
    this.path = path;
    this.lock = lock;
    this.serverId = serverId;
    this.dataId = dataId;
  }

  /**
   * Makes the directory if it's missing, and locks it.
   *
   * @param wantedId the server's id as set; empty for the one that is kept there, or a new one
   * @throws StartupException if another process has it, or it is another server's
   */
  static DataDirectory open(Path directory, String wantedId) throws StartupException {
    Path path = directory.toAbsolutePath().normalize();
    FileChannel lock;
    try {
      Files.createDirectories(path);
      PrivateFile.createDirectory(path.resolve(STORE));
      lock = lock(path);
    } catch (IOException e) {
      throw new StartupException(
          "data directory "
              + path
              + " can't be used ("
              + e
              + "); choose another data-dir, or give"
              + " this user the right to write there",
          e);
    }
    try {
      Path file = path.resolve("server.json");
      if (!Files.exists(file)) {
        create(file, wantedId);
      }
      JsonNode identity = JSON.readTree(Files.readString(file));
      if (identity.path("format").asInt(Integer.MAX_VALUE) > FORMAT) {
        throw new StartupException(
            file + " is of a newer version, or damaged; run the version that wrote it");
      }
      ServerId id = new ServerId(identity.required("id").asText());
      if (!wantedId.isEmpty() && !wantedId.equals(id.value())) {
        throw new StartupException(
            "data directory "
                + path
                + " belongs to server '"
                + id
                + "', but server.id is '"
                + wantedId
                + "'; set server.id to '"
                + id
                + "', or choose another data-dir");
      }
      return new DataDirectory(
          path, lock, id, UUID.fromString(identity.required("dataId").asText()));
    } catch (IOException | IllegalArgumentException e) {
      closeQuietly(lock);
      throw new StartupException(
          path.resolve("server.json") + " can't be read (" + e + "); restore it from a backup", e);
    } catch (StartupException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  ServerId serverId() {
    return serverId;
  }

  /** What tells this directory from every other server's. */
  UUID dataId() {
    return dataId;
  }

  Path store() {
    return path.resolve(STORE);
  }

  /** Where the admin API writes changes down. */
  Path audit() {
    return path.resolve("audit");
  }

  Path zookeeper() {
    return path.resolve("zookeeper");
  }

  /** What the ZooKeeper inside is asked with. */
  Path zookeeperPassword() {
    return path.resolve(ZooKeeperAccess.PASSWORD_FILE);
  }

  /** Lets another process have the directory. May be called twice. */
  @Override
  public void close() {
    closeQuietly(lock);
  }

  private static FileChannel lock(Path path) throws IOException, StartupException {
    Path file = path.resolve("lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    @Nullable FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null; // by this very process
    }
    if (held == null) {
      String holder = Files.readString(file, StandardCharsets.US_ASCII).strip();
      channel.close();
      throw new StartupException(
          "data directory "
              + path
              + " is in use by another server"
              + (holder.isEmpty() ? "" : ", process " + holder)
              + "; stop that one, or choose another data-dir");
    }
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  /** Written beside and moved, so that a crash leaves either no identity or all of it. */
  private static void create(Path file, String wantedId) throws IOException {
    UUID dataId = UUID.randomUUID();
    String id = wantedId.isEmpty() ? "server-" + dataId.toString().substring(0, 8) : wantedId;
    String identity =
        JSON.createObjectNode()
            .put("format", FORMAT)
            .put("id", new ServerId(id).value())
            .put("dataId", dataId.toString())
            .toString();
    Path temporary = file.resolveSibling("server.json.new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(identity.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    }
  }
}
