package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each answer to a threat that docs/security.md gives has tests, and they exist. */
class SecurityPageTest {

  private static final Path ROOT = Path.of("..");

  /** {@code Class}, {@code Class.method}, or a method of the class that the table's head names. */
  private static final Pattern NAME = Pattern.compile("`(?:([A-Z]\\w+))?\\.?([a-z]\\w+)?`");

  @Test
  void everyAnswerHasTestsThatExist() throws IOException {
    Map<String, String> sources = new HashMap<>();
    TestSource.all().forEach(source -> sources.put(source.type(), source.text()));
    int answers = 0;
    // The class whose methods the table names without it; null outside of tables of threats.
    String usual = null;
    for (String line : Files.readAllLines(ROOT.resolve("docs/security.md"))) {
      List<String> cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
      if (!line.startsWith("|")) {
        usual = null;
      } else if (cells.get(1).equals("threat")) {
        Matcher named = NAME.matcher(cells.get(3));
        usual = named.find() ? named.group(1) : "";
      } else if (usual != null && !cells.get(1).startsWith("--")) {
        requireTests(cells, usual, sources);
        answers++;
      }
    }
    assertThat(answers).isGreaterThan(10);
  }

  private static void requireTests(List<String> cells, String usual, Map<String, String> sources) {
    Matcher names = NAME.matcher(cells.get(3));
    int found = 0;
    while (names.find()) {
      String type = names.group(1) == null ? usual : names.group(1);
      String method = names.group(2);
      assertThat(sources).as(cells.get(1)).containsKey(type);
      if (method != null) {
        assertThat(sources.get(type)).as(type).contains("void " + method + "(");
      }
      found++;
    }
    assertThat(found).as("tests of the answer to: %s", cells.get(1)).isPositive();
  }
}
