package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** jqwik passes over a property that has an annotation of JUnit's, and the build goes on. */
class PropertiesTest {

  private static final Pattern PROPERTY =
      Pattern.compile("^  @(?:[a-z.]+\\.)?Property\\b(?s:.*?)\\{$", Pattern.MULTILINE);
  private static final String JUNIT_TAG = "import org.junit.jupiter.api.Tag;";

  @Test
  void noPropertyIsPassedOverForATagOfJUnits() throws Exception {
    try (Stream<Path> files = Files.walk(Path.of("..")).filter(PropertiesTest::isTest)) {
      List<String> properties = files.flatMap(PropertiesTest::properties).toList();
      assertThat(properties).hasSizeGreaterThan(50);
      assertThat(properties).noneMatch(property -> property.contains("@Tag("));
    }
  }

  private static boolean isTest(Path path) {
    return path.toString().contains("/src/test/java/") && path.toString().endsWith("Test.java");
  }

  /** From the annotation to the method's brace; of files in which a tag is jqwik's, none. */
  private static Stream<String> properties(Path file) {
    String source;
    try {
      source = Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError("can't read " + file, e);
    }
    return PROPERTY
        .matcher(source)
        .results()
        .map(MatchResult::group)
        .map(property -> source.contains(JUNIT_TAG) ? property : property.replace("@Tag(", ""));
  }
}
