package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the guides tell people to type is accepted, and what they point at is there. */
class GuidesTest {

  private static final Path ROOT = Path.of("..");

  /** What stands for a disk's address in the examples. */
  private static final String URL = "iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0";

  /** A prompt, then perhaps variables for this command alone, then the program. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "^\\s*(?:[$#] )?(?:sudo )?(?:-u \\S+ )?((?:[A-Z_]+=\\S* )*)"
              + "(?:deploy/)?(?:bin/)?sandrift (\\S.*)$");

  private static final Pattern INLINE = Pattern.compile("`sandrift ([^`]*)`");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern VARIABLE = Pattern.compile("SANDRIFT_[A-Z0-9_]*[A-Z0-9]");

  /** Variables that aren't settings: the launchers', the commands' and the tests'. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          "SANDRIFT_JAVA_OPTS",
          "SANDRIFT_LIB",
          "SANDRIFT_SKIP_BUILD",
          "SANDRIFT_REQUIRE_TOOLS",
          "SANDRIFT_ADMIN",
          "SANDRIFT_ADMIN_CA",
          "SANDRIFT_TOKEN",
          "SANDRIFT_TOKEN_FILE",
          "SANDRIFT_CHAP_SECRET",
          "SANDRIFT_TARGET_CHAP_SECRET");

  @TestFactory
  Stream<DynamicTest> everyCommandLineIsAccepted() throws IOException {
    return pages()
        // That one is the programs' own help, whose examples are wrapped.
        .filter(page -> !page.endsWith("commands.md"))
        .map(
            page ->
                DynamicTest.dynamicTest(
                    page.toString(),
                    () -> {
                      List<String> refused = new ArrayList<>();
                      for (String line : codeLines(page)) {
                        Matcher command = COMMAND.matcher(line);
                        if (command.matches() && !line.contains("…") && !line.contains(" [")) {
                          refusal(command.group(2)).ifPresent(refused::add);
                        }
                      }
                      assertThat(refused).isEmpty();
                    }));
  }

  @TestFactory
  Stream<DynamicTest> everyCommandThatTheProseNamesExists() throws IOException {
    return pages()
        .map(
            page ->
                DynamicTest.dynamicTest(
                    page.toString(),
                    () -> {
                      List<String> unknown = new ArrayList<>();
                      Matcher inline = INLINE.matcher(Files.readString(page));
                      while (inline.find()) {
                        if (!isCommand(inline.group(1))) {
                          unknown.add(inline.group());
                        }
                      }
                      assertThat(unknown).isEmpty();
                    }));
  }

  @TestFactory
  Stream<DynamicTest> everyVariableIsOneThatSomethingReads() throws IOException {
    Set<String> settings =
        ServerSettings.all().stream().map(Setting::variable).collect(Collectors.toSet());
    return pages()
        .map(
            page ->
                DynamicTest.dynamicTest(
                    page.toString(),
                    () ->
                        assertThat(
                                VARIABLE
                                    .matcher(Files.readString(page))
                                    .results()
                                    .map(found -> found.group())
                                    .filter(name -> !settings.contains(name))
                                    .filter(name -> !OTHER_VARIABLES.contains(name)))
                            .isEmpty()));
  }

  @TestFactory
  Stream<DynamicTest> everyLinkLeadsSomewhere() throws IOException {
    return pages()
        .map(
            page ->
                DynamicTest.dynamicTest(
                    page.toString(),
                    () -> {
                      List<String> broken = new ArrayList<>();
                      Matcher link = LINK.matcher(Files.readString(page));
                      while (link.find()) {
                        if (!link.group(1).matches("(https?|iscsi):.*")
                            && !leadsSomewhere(page, link.group(1))) {
                          broken.add(link.group());
                        }
                      }
                      assertThat(broken).isEmpty();
                    }));
  }

  /** The pages that people read; the tests run in the deploy module. */
  private static Stream<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (Path directory : List.of(ROOT.resolve("docs"), ROOT.resolve("deploy/compose"), ROOT)) {
      try (Stream<Path> files = Files.list(directory)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    return pages.stream();
  }

  /** Lines in blocks of code, those that end in a backslash joined with what follows. */
  private static List<String> codeLines(Path page) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean fenced = false;
    StringBuilder unfinished = new StringBuilder();
    for (String line : Files.readAllLines(page)) {
      if (line.strip().startsWith("```")) {
        fenced = !fenced;
      } else if (fenced || line.startsWith("    ")) {
        if (line.endsWith("\\")) {
          unfinished.append(line, 0, line.length() - 1);
        } else {
          lines.add(unfinished + line);
          unfinished.setLength(0);
        }
      }
    }
    return lines;
  }

  private static Optional<String> refusal(String command) {
    List<String> arguments = new ArrayList<>();
    Matcher words = WORD.matcher(command);
    while (words.find()) {
      String word = words.group();
      if (word.startsWith("#") || word.matches("[|;&]|&&|\\|\\||[0-9]?>.*|<.*")) {
        break;
      }
      String bare =
          words.group(1) != null
              ? words.group(1)
              : words.group(2) != null ? words.group(2) : words.group(3);
      boolean isUrl = bare.contains("$URL") || bare.equals("URL");
      arguments.add(isUrl ? URL : bare.equals("ID") ? "1" : bare);
    }
    CommandLine line = Sandrift.commandLine(Map.of());
    try {
      line.parseArgs(arguments.toArray(new String[0]));
      return Optional.empty();
    } catch (ParameterException e) {
      return Optional.of("sandrift " + command + ": " + e.getMessage());
    }
  }

  /** Whether the words, up to what isn't a plain word, lead to a command or take its arguments. */
  private static boolean isCommand(String words) {
    CommandLine at = Sandrift.commandLine(Map.of());
    for (String word : words.strip().split("\\s+")) {
      if (!word.matches("[a-z][a-z-]*") || at.getSubcommands().isEmpty()) {
        return true;
      }
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        return false;
      }
      at = next;
    }
    return true;
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? page : page.resolveSibling(file);
    if (!Files.exists(target)) {
      return false;
    }
    return hash < 0 || headings(target).contains(link.substring(hash + 1));
  }

  /** The anchors of a page's headings, as they are made of them. */
  static Set<String> headings(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.matches("#{1,6} .*"))
        .map(
            line ->
                line.replaceFirst("^#+ ", "")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .strip()
                    .replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
