package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** jqwik passes over a property that has an annotation of JUnit's, and the build goes on. */
class PropertiesTest {

  /** All annotations of a method one of which is jqwik's. */
  private static final Pattern PROPERTY =
      Pattern.compile("(?m)^(?: +@.*\\n)*? +@(?:Property|Example)\\b.*\\n(?: +@.*\\n)*");

  private static final Pattern JUNIT =
      Pattern.compile("(?m)^import org\\.junit\\.jupiter\\.[a-z.]+\\.([A-Z]\\w*);");

  @Test
  void noPropertyIsPassedOverForAnAnnotationOfJUnits() {
    List<String> sources = TestSource.all().stream().map(TestSource::text).toList();
    List<String> wrong = sources.stream().flatMap(PropertiesTest::wrong).toList();
    assertThat(sources.stream().flatMap(PropertiesTest::properties)).hasSizeGreaterThan(50);
    assertThat(wrong).isEmpty();
  }

  private static Stream<String> properties(String source) {
    return PROPERTY.matcher(source).results().map(MatchResult::group);
  }

  /** Properties with an annotation that the file has from JUnit, by import or by its whole name. */
  private static Stream<String> wrong(String source) {
    List<String> imported =
        JUNIT.matcher(source).results().map(found -> "@" + found.group(1)).toList();
    return properties(source)
        .filter(
            property ->
                property.contains("@org.junit.")
                    || property
                        .lines()
                        .map(line -> line.strip().replaceFirst("[^@\\w].*", ""))
                        .anyMatch(imported::contains));
  }
}
