package io.sandrift.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries that can push out none but each other: one JSON object a line in {@code NAME.jsonl}. A
 * full file is kept as {@code NAME.1.jsonl}, and so on; of too many the oldest goes. Safe for all
 * threads.
 */
final class AuditFiles {

  private static final Logger log = LoggerFactory.getLogger(AuditFiles.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final String name;
  private final int files;
  private final long maxFileBytes;
  private final int remembered;

  /** The last entries, newest first. Guarded by this. */
  private final Deque<JsonNode> recent = new ArrayDeque<>();

  /**
   * @param files the most
   * @param maxFileBytes a file of so many gets no more lines
   * @param remembered the most entries that {@link #recent} tells
   * @throws IOException if the file that is there can't be read
   */
  AuditFiles(Path directory, String name, int files, long maxFileBytes, int remembered)
      throws IOException {
    this.directory = directory;
    this.name = name;
    this.files = files;
    this.maxFileBytes = maxFileBytes;
    this.remembered = remembered;
    if (Files.exists(file(0))) {
      for (String line : Files.readAllLines(file(0))) {
        try {
          remember(JSON.readTree(line));
        } catch (JsonProcessingException e) {
          // The last line of a process that was killed while it wrote.
          log.warn("A line of {} can't be read", file(0));
        }
      }
    }
  }

  /** Writes an entry down. A disk that takes none must not keep an operator from mending it. */
  synchronized void record(JsonNode entry) {
    String line = entry.toString();
    remember(entry);
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

  /** The last entries, the newest first. */
  synchronized List<JsonNode> recent() {
    return List.copyOf(recent);
  }

  private void remember(JsonNode entry) {
    recent.addFirst(entry);
    if (recent.size() > remembered) {
      recent.removeLast();
    }
  }

  private void rotate() throws IOException {
    for (int number = files - 2; number >= 0; number--) {
      try {
        Files.move(file(number), file(number + 1), StandardCopyOption.REPLACE_EXISTING);
      } catch (NoSuchFileException e) {
        // There aren't that many yet.
      }
    }
  }

  private Path file(int number) {
    return directory.resolve(name + (number == 0 ? "" : "." + number) + ".jsonl");
  }
}
