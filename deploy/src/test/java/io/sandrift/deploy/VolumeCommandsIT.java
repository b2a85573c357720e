package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.server.node.Node;
import io.sandrift.server.node.Running;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code sandrift volume ...} against a running server: exit codes, and what is printed where. */
@Timeout(60)
class VolumeCommandsIT {

  /** What a command did. */
  private record Outcome(int exitCode, String out, String err) {}

  @TempDir static Path directory;

  private static Node node;
  private static Running running;

  @BeforeAll
  static void start() throws Exception {
    node =
        new Node(
            new SettingsReader()
                .flag(ServerSettings.DATA_DIR, directory.resolve("data").toString())
                .flag(ServerSettings.PORTALS, "127.0.0.1:0")
                .flag(ServerSettings.ADMIN_ADDRESS, "127.0.0.1:0")
                .conclude(),
            "test",
            volume -> {});
    running = node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @AfterEach
  void deleteAll() {
    running.catalog().list().forEach(volume -> running.catalog().delete(volume.name()));
  }

  @Test
  void aCreatedVolumeIsPrintedWithItsUrl() {
    Outcome outcome = volume("create", "scratch", "--size", "10GiB");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .containsPattern("Size +10GiB")
        .containsPattern("URL +iscsi://127.0.0.1:\\d+/iqn.2026-11.io.sandrift:scratch/0\n");
  }

  @Test
  void creatingTheSameVolumeAgainSucceeds() {
    volume("create", "scratch", "--size", "10GiB");
    assertThat(volume("create", "scratch", "--size", "10GiB").exitCode()).isZero();
  }

  @Test
  void creatingADifferentOneOfTheSameNameIsAConflict() {
    volume("create", "scratch", "--size", "10GiB");
    Outcome outcome = volume("create", "scratch", "--size", "11GiB");
    assertThat(outcome.exitCode()).isEqualTo(4);
    assertThat(outcome.err()).contains("its size is 10GiB");
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void everyOptionOfCreateReachesTheVolume() throws Exception {
    Outcome outcome =
        volume(
            "create",
            "db.prod",
            "--size=1TiB",
            "--block-size=4096",
            "--stripe-unit=256KiB",
            "--partitions=8",
            "--service-class=gold",
            "-o",
            "json");
    JsonNode volume = new ObjectMapper().readTree(outcome.out());
    assertThat(volume.path("sizeBytes").asLong()).isEqualTo(1L << 40);
    assertThat(volume.path("blockBytes").asInt()).isEqualTo(4096);
    assertThat(volume.path("stripeUnitBytes").asInt()).isEqualTo(256 << 10);
    assertThat(volume.path("partitions").asInt()).isEqualTo(8);
    assertThat(volume.path("serviceClass").asText()).isEqualTo("gold");
  }

  @Test
  @Tag("S11")
  void volumesAreListedAsATable() {
    volume("create", "b", "--size", "1MiB");
    volume("create", "a", "--size", "64TiB");
    assertThat(volume("list").out().lines())
        .satisfiesExactly(
            heading -> assertThat(heading).startsWith("NAME  SIZE"),
            line -> assertThat(line).matches("a +64TiB +0B +yes +0 +iscsi://.*"),
            line -> assertThat(line).matches("b +1MiB +0B +yes +0 +iscsi://.*"));
  }

  @Test
  void volumesAreListedAsJson() throws Exception {
    volume("create", "a", "--size", "1MiB");
    JsonNode list = new ObjectMapper().readTree(volume("list", "-o", "json").out());
    assertThat(list.at("/volumes/0/name").asText()).isEqualTo("a");
  }

  @Test
  void volumesAreListedAsYaml() {
    volume("create", "a", "--size", "1MiB");
    assertThat(volume("list", "-o", "yaml").out()).startsWith("volumes:\n- name: a\n");
  }

  @Test
  void anEmptyListIsSaidOnStandardErrorOnly() {
    Outcome outcome = volume("list");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains("No volumes yet");
  }

  @Test
  void aVolumeIsShownByItsNameOrItsTargetsName() {
    volume("create", "a", "--size", "1MiB");
    assertThat(volume("show", "a").out()).containsPattern("Name +a\n");
    assertThat(volume("show", "iqn.2026-11.io.sandrift:a").out()).containsPattern("Name +a\n");
  }

  @Test
  void aVolumeGrows() {
    volume("create", "a", "--size", "1MiB");
    assertThat(volume("resize", "a", "--size", "2MiB").out()).containsPattern("Size +2MiB");
  }

  @Test
  void aVolumeDoesNotShrink() {
    volume("create", "a", "--size", "2MiB");
    Outcome outcome = volume("resize", "a", "--size", "1MiB");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("can only grow");
  }

  @Test
  void aVolumeIsDeletedWithYes() {
    volume("create", "a", "--size", "1MiB");
    assertThat(volume("delete", "a", "--yes").exitCode()).isZero();
    assertThat(volume("show", "a").exitCode()).isEqualTo(3);
  }

  @Test
  void withoutATerminalToAskAtNothingIsDeleted() {
    volume("create", "a", "--size", "1MiB");
    Outcome outcome = volume("delete", "a");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("repeat with --yes");
    assertThat(volume("show", "a").exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"show a", "resize a --size 2MiB", "delete a --yes", "delete a"})
  void aVolumeThatIsNotThereIsNotFound(String command) {
    Outcome outcome = volume(command.split(" "));
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.err()).isEqualTo("sandrift: there is no volume 'a'\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create|Missing required parameter",
        "create a|Missing required option: '--size=SIZE'",
        "create a --size ten|'ten' is not a size",
        "create a --size 0|1MiB to 64TiB",
        "create a --size 65TiB|1MiB to 64TiB",
        "create a --size 1025KiB --block-size 4096|multiple of the block size",
        "create a --size 1MiB --block-size 1024|neither 512 nor 4096",
        "create a --size 1MiB --stripe-unit 3MiB|power of two",
        "create a --size 1MiB --stripe-unit 8GiB|power of two",
        "create a --size 1MiB --partitions 0|1 to 1024",
        "create A --size 1MiB|volume name 'A'",
        "create ../x --size 1MiB|volume name '../x'",
        "list -o xml|expected one of [table, json, yaml]",
        "list --sort|Unknown option: '--sort'",
        "list --admin nowhere|HOST:PORT",
        "list --admin ftp://127.0.0.1:1|HOST:PORT",
        "remove a|Unmatched argument",
        "''|say what to do"
      })
  void aWrongCommandLineIsAUsageErrorThatSaysWhatWasExpected(String command, String message) {
    Outcome outcome = run(("volume " + command).strip().split(" "));
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
  }

  @Test
  void withoutAServerTheCommandSaysHowToStartOne() {
    Outcome outcome = run("volume", "list", "--admin", "127.0.0.1:1");
    assertThat(outcome.exitCode()).isEqualTo(5);
    assertThat(outcome.err()).contains("127.0.0.1:1").contains("sandrift demo").contains("--admin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "demo --help",
        "server --help",
        "volume --help",
        "volume create --help",
        "volume list --help",
        "volume show --help",
        "volume resize --help",
        "volume delete --help"
      })
  void everyHelpHasExamplesAndExitCodes(String command) {
    Outcome outcome = run(command.split(" "));
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("Examples:").contains("Exit codes:");
  }

  @Test
  void everySettingIsListedWithDefaultRangeAndUnit() {
    String list = run("server", "--help-settings").out();
    ServerSettings.all()
        .forEach(
            setting ->
                assertThat(list)
                    .contains(setting.key(), setting.defaultText(), setting.range())
                    .contains(setting.sentence()));
  }

  @Test
  void settingsAreListedAsJsonToo() throws Exception {
    JsonNode list =
        new ObjectMapper().readTree(run("server", "--help-settings", "-o", "json").out());
    assertThat(list).hasSize(ServerSettings.all().size());
    assertThat(list.at("/0/variable").asText()).isEqualTo("SANDRIFT_SERVER_ID");
  }

  @Test
  void aWrongSettingIsAUsageError() {
    Outcome outcome = run("server", "--limits-sessions", "none");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("limits.sessions = 'none'").contains("1 to 65535");
  }

  @Test
  void anUnknownFlagIsAnsweredWithThoseThatAreLikeIt() {
    Outcome outcome = run("server", "--limits-session", "1");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--limits-sessions");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void aShellIsTaughtToComplete(String shell) {
    Outcome outcome = run("completion", shell);
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("complete -F", "resize", "--service-class");
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(run("--version").out()).startsWith("sandrift ");
  }

  private static Outcome volume(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "volume";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 2] = "--admin";
    all[all.length - 1] = running.self().admin();
    return run(all);
  }

  private static Outcome run(String... arguments) {
    CommandLine line = Sandrift.commandLine(Map.of());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    int exitCode = line.execute(arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }
}
