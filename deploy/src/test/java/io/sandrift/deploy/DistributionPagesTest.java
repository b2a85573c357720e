package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import io.sandrift.server.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the distribution says of the program is what the program says of itself. */
class DistributionPagesTest {

  @TempDir Path directory;

  @Test
  void theSettingsFileThatComesAlongSetsOnlyTheDataDirectory() throws Exception {
    NodeSettings read = read(DistributionPages.settings());
    for (Setting<?> setting : ServerSettings.all()) {
      if (setting != ServerSettings.DATA_DIR) {
        assertThat(read.get(setting)).as(setting.key()).isEqualTo(setting.defaultValue());
      }
    }
    assertThat(read.get(ServerSettings.DATA_DIR)).isEqualTo("/var/lib/sandrift");
  }

  @Test
  void whatItShowsAsDefaultsIsAcceptedWithoutTheCommentSign() throws Exception {
    String everything = DistributionPages.settings().replaceAll("(?m)^#(?=[a-z])", "");
    for (Setting<?> setting : ServerSettings.all()) {
      assertThat(everything).containsPattern("(?m)^" + setting.key() + ": ");
    }
    NodeSettings read = read(everything);
    for (Setting<?> setting : ServerSettings.all()) {
      if (setting != ServerSettings.DATA_DIR) {
        assertThat(read.get(setting)).as(setting.key()).isEqualTo(setting.defaultValue());
      }
    }
  }

  @Test
  void theManualHasEveryCommand() {
    String manual = DistributionPages.manual("1.2.3", "2026-11-21");
    assertThat(manual)
        .startsWith(".TH SANDRIFT 1 \"2026-11-21\" \"Sandrift 1.2.3\"")
        .contains(".SH \"SANDRIFT SERVER\"")
        .contains(".SH \"SANDRIFT VOLUME CREATE\"")
        .contains(".SH \"SANDRIFT CLIENT BENCH\"");
  }

  @Test
  void noLineOfAHelpTextIsTakenForARequestOfTheManual() {
    String manual = DistributionPages.manual("1.2.3", "2026-11-21");
    assertThat(manual.lines().filter(line -> line.startsWith(".")))
        .allMatch(line -> line.matches("\\.(TH|SH|nf|fi|B|I|TP)( .*)?"));
    assertThat(manual.lines()).noneMatch(line -> line.startsWith("'"));
  }

  @Test
  void theCompletionScriptIsTheSameAtEveryBuild() {
    assertThat(DistributionPages.completion())
        .contains("complete -F _complete_sandrift")
        .doesNotContain("# Date:");
  }

  private NodeSettings read(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("sandrift.yaml"), text);
    return new SettingsReader().file(file).conclude();
  }
}
