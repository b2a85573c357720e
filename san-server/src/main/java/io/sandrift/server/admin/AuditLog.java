package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was changed through this server's admin API: one JSON object a line in {@code audit.jsonl},
 * which only the server's user can read. A full file is kept as {@code audit.1.jsonl}, and so on;
 * of too many the oldest goes. Safe for all threads.
 */
public final class AuditLog {

  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  static final long USUAL_FILE_BYTES = 4 << 20;
  static final int FILES = 8;

  /** As many of the last entries can be shown. */
  static final int SHOWN = 1000;

  private final Path directory;
  private final long maxFileBytes;

  /** The last entries, oldest first. Guarded by this. */
  private final Deque<JsonNode> recent = new ArrayDeque<>();

  /**
   * @param directory made if it isn't there
   * @throws IOException if it can't be made, or the file in it can't be read
   */
  public AuditLog(Path directory) throws IOException {
    this(directory, USUAL_FILE_BYTES);
  }

  AuditLog(Path directory, long maxFileBytes) throws IOException {
    this.directory = directory;
    this.maxFileBytes = maxFileBytes;
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (Files.exists(file(0))) {
      for (String line : Files.readAllLines(file(0))) {
        remember(line);
      }
    }
  }

  /** Writes an entry down. A disk that takes none must not keep an operator from mending it. */
  synchronized void record(AuditEntry entry) {
    String line = entry.view().toString();
    remember(line);
    try {
      Path file = file(0);
      if (Files.exists(file) && Files.size(file) >= maxFileBytes) {
        rotate();
      }
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.write(file, (line + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
    } catch (IOException e) {
      log.error("The audit log in {} takes no entry ({}); it would be: {}", directory, e, line);
    }
  }

  /** Those of the last {@link #SHOWN} entries that are asked for, the newest first. */
  synchronized List<JsonNode> newest(AuditQuery query) {
    List<JsonNode> newest = new ArrayList<>();
    var entries = recent.descendingIterator();
    while (entries.hasNext() && newest.size() < query.limit()) {
      JsonNode entry = entries.next();
      if (query.matches(entry)) {
        newest.add(entry);
      }
    }
    return newest;
  }

  private void remember(String line) {
    try {
      recent.addLast(JSON.readTree(line));
      if (recent.size() > SHOWN) {
        recent.removeFirst();
      }
    } catch (IOException e) {
      // The last line of a process that was killed while it wrote.
      log.warn("A line of {} can't be read", file(0));
    }
  }

  private void rotate() throws IOException {
    for (int number = FILES - 2; number >= 0; number--) {
      try {
        Files.move(file(number), file(number + 1), StandardCopyOption.REPLACE_EXISTING);
      } catch (NoSuchFileException e) {
        // There aren't that many yet.
      }
    }
  }

  private Path file(int number) {
    return directory.resolve(number == 0 ? "audit.jsonl" : "audit." + number + ".jsonl");
  }
}
