package io.sandrift.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tests of libiscsi's suite that docs/conformance.md says are skipped, and why. */
final class KnownSkips {

  private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9]+)\\.([A-Za-z0-9]+|\\*)`");
  private static final String SECTION = "## Why tests are skipped";

  private final Set<String> names = new LinkedHashSet<>();

  private KnownSkips() {}

  static KnownSkips read() throws IOException {
    Path document = Path.of("..", "docs", "conformance.md");
    String text = Files.readString(document);
    int start = text.indexOf(SECTION);
    if (start < 0) {
      throw new IOException(document + " has no section \"" + SECTION + "\"");
    }
    int end = text.indexOf("\n## ", start + SECTION.length());
    Matcher matcher = NAME.matcher(text.substring(start, end < 0 ? text.length() : end));
    KnownSkips skips = new KnownSkips();
    while (matcher.find()) {
      skips.names.add(matcher.group(1) + "." + matcher.group(2));
    }
    return skips;
  }

  /** Whether the document explains why a test is skipped. */
  boolean explains(String suite, String test) {
    String shortSuite = suite.substring(suite.indexOf('.') + 1);
    return names.contains(shortSuite + ".*") || names.contains(shortSuite + "." + test);
  }
}
