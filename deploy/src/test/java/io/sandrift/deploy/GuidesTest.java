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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the guides point at is there. */
class GuidesTest {

  private static final Path ROOT = Path.of("..");

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
