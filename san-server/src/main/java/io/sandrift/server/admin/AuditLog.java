package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was changed through this server's admin API: in {@code audit.jsonl} what users did, and in
 * {@code strangers.jsonl} what was refused to who isn't known, so that no stranger can push out
 * what a user did. Only the server's user can read them. Safe for all threads.
 */
public final class AuditLog {

  static final long USUAL_FILE_BYTES = 4 << 20;
  static final int FILES = 8;
  private static final int STRANGERS_FILES = 2;

  /** As many of users' last entries can be shown. */
  static final int SHOWN = 1000;

  private final AuditFiles users;
  private final AuditFiles strangers;

  /**
   * @param directory made if it isn't there
   * @throws IOException if it can't be made, or the files in it can't be read
   */
  public AuditLog(Path directory) throws IOException {
    this(directory, USUAL_FILE_BYTES);
  }

  AuditLog(Path directory, long maxFileBytes) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    this.users = new AuditFiles(directory, "audit", FILES, maxFileBytes, SHOWN);
    this.strangers =
        new AuditFiles(
            directory,
            "strangers",
            STRANGERS_FILES,
            maxFileBytes,
            SHOWN / AuditQuery.ONE_STRANGER_OF);
  }

  /** Writes an entry down. */
  void record(AuditEntry entry) {
    JsonNode view = entry.view();
    (AuditEntry.isStrangers(view) ? strangers : users).record(view);
  }

  /** Those of the last entries that are asked for, the newest first. */
  List<JsonNode> newest(AuditQuery query) {
    return query.choose(Stream.concat(users.recent().stream(), strangers.recent().stream()));
  }
}
