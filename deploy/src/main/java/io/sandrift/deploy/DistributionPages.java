package io.sandrift.deploy;

import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/**
 * What the distribution has that only the program knows: the commented settings file, the manual
 * page, and the completion script. The build runs {@link #main} when it packs the distribution.
 */
final class DistributionPages {

  /** Where packages and units keep the data, unlike a server that somebody tries out. */
  private static final String DATA_DIRECTORY = "/var/lib/sandrift";

  private static final int LINE = 100;

  private DistributionPages() {}

  /**
   * @param arguments the directory to write into; the version; the release's date, beginning with
   *     YYYY-MM-DD; then files to compress beside the manual, as Debian's packages want them
   */
  public static void main(String[] arguments) throws IOException {
    Path plain = Path.of(arguments[0], "plain");
    Path compressed = Path.of(arguments[0], "compressed");
    Path manual = plain.resolve("share/man/man1/sandrift.1");
    write(manual, manual(arguments[1], arguments[2].substring(0, "YYYY-MM-DD".length())));
    write(plain.resolve("conf/sandrift.yaml"), settings());
    write(plain.resolve("share/bash-completion/completions/sandrift"), completion());
    compress(manual, compressed);
    for (String file : List.of(arguments).subList(3, arguments.length)) {
      compress(Path.of(file), compressed);
    }
  }

  /** A settings file in which everything but the data directory is a comment with its default. */
  static String settings() {
    StringBuilder file =
        new StringBuilder(
            """
            # Settings of a Sandrift server, read at its start. What is commented out has the value shown,
            # which is the default. Each setting is also an environment variable (SANDRIFT_LIMITS_SESSIONS)
            # and a flag (--limits-sessions); a flag is stronger than a variable, and that is stronger than
            # this file. For a cluster, set server.id, portals and zookeeper.connect.
            """);
    for (Setting<?> setting : ServerSettings.all()) {
      file.append('\n');
      wrap(file, setting.sentence());
      wrap(
          file,
          "Accepted: "
              + setting.range()
              + (setting.unit().equals("-") ? "" : "; " + setting.unit()));
      if (setting == ServerSettings.DATA_DIR) {
        file.append(setting.key()).append(": ").append(DATA_DIRECTORY).append('\n');
      } else {
        file.append("#").append(setting.key()).append(": ");
        file.append(quoted(setting.defaultText())).append('\n');
      }
    }
    return file.toString();
  }

  private static void wrap(StringBuilder file, String text) {
    int column = 0;
    for (String word : text.split(" ")) {
      if (column == 0 || column + 1 + word.length() > LINE) {
        file.append(column == 0 ? "# " : "\n# ").append(word);
        column = 2 + word.length();
      } else {
        file.append(' ').append(word);
        column += 1 + word.length();
      }
    }
    file.append('\n');
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9][\\w./,:-]*") ? text : "'" + text.replace("'", "''") + "'";
  }

  /** One manual page: what each command's {@code --help} says, under a heading of its own. */
  static String manual(String version, String date) {
    StringBuilder page = new StringBuilder();
    page.append(
            ".TH SANDRIFT 1 \"%s\" \"Sandrift %s\" \"User commands\"\n".formatted(date, version))
        .append(".SH NAME\nsandrift \\- a storage area network made of ordinary servers\n")
        .append(".SH SYNOPSIS\n.B sandrift\n.I COMMAND\n[\\fIOPTION\\fR]...\n")
        .append(".SH DESCRIPTION\n")
        .append("What each command's help says, one after the other.\n");
    List<Named> commands = new ArrayList<>();
    collect(commands, Sandrift.commandLine(Map.of()), "sandrift");
    for (Named command : commands) {
      CommandLine line = command.line();
      line.setUsageHelpAutoWidth(false);
      line.setUsageHelpWidth(80);
      StringWriter usage = new StringWriter();
      line.usage(new PrintWriter(usage), Help.Ansi.OFF);
      page.append(".SH \"").append(command.name().toUpperCase(Locale.ROOT)).append("\"\n");
      page.append(".nf\n");
      usage.toString().lines().map(DistributionPages::roff).forEach(page::append);
      page.append(".fi\n");
    }
    page.append(".SH FILES\n.TP\n/etc/sandrift/sandrift.yaml\nSettings of a packaged server.\n")
        .append(".TP\n/var/lib/sandrift\nWhat a packaged server keeps.\n");
    return page.toString();
  }

  /** A command with all words that lead to it. */
  private record Named(String name, CommandLine line) {}

  private static void collect(List<Named> commands, CommandLine command, String name) {
    commands.add(new Named(name, command));
    command
        .getSubcommands()
        .forEach(
            (subcommand, line) -> {
              // An alias isn't a command of its own.
              if (subcommand.equals(line.getCommandName()) && !subcommand.equals("help")) {
                collect(commands, line, name + " " + subcommand);
              }
            });
  }

  /** A line of text, so that roff takes nothing in it for a request or a hyphen to break at. */
  private static String roff(String line) {
    String escaped = line.stripTrailing().replace("\\", "\\e").replace("-", "\\-");
    boolean request = escaped.startsWith(".") || escaped.startsWith("'");
    return (request ? "\\&" : "") + escaped + "\n";
  }

  /** Completion for bash, as bash-completion loads it. */
  static String completion() {
    String script = AutoComplete.bash("sandrift", Sandrift.commandLine(Map.of()));
    // The header has the time of its making, and two builds of one commit are to be the same bytes.
    Matcher date = Pattern.compile("(?m)^# Date: .*\\R").matcher(script);
    return date.replaceAll("").replaceFirst("^#!/usr/bin/env bash", "# shellcheck shell=bash");
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, text);
  }

  /** Packs a file as {@code gzip -9n} does: the same bytes at each build. */
  private static void compress(Path file, Path directory) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new BestCompression(packed)) {
      gzip.write(Files.readAllBytes(file));
    }
    byte[] bytes = packed.toByteArray();
    bytes[8] = 2; // RFC 1952: the slowest, best compression
    Files.createDirectories(directory);
    Files.write(directory.resolve(file.getFileName() + ".gz"), bytes);
  }

  private static final class BestCompression extends GZIPOutputStream {
    BestCompression(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
