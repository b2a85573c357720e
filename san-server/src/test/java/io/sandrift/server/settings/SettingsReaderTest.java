package io.sandrift.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {

  @TempDir Path directory;

  @Test
  void withoutAnySourceEverySettingHasItsDefault() throws Exception {
    NodeSettings settings = new SettingsReader().conclude();
    for (Setting<?> setting : ServerSettings.all()) {
      assertThat(settings.<Object>get(untyped(setting))).isEqualTo(setting.defaultValue());
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyDefaultIsAcceptedAsItIsPrinted(Setting<?> setting) {
    assertThat((Object) setting.parse(setting.defaultText())).isEqualTo(setting.defaultValue());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everySettingSaysWhatItIsForInASentence(Setting<?> setting) {
    assertThat(setting.sentence()).matches("[A-Z].*\\.").hasSizeLessThan(120);
    assertThat(setting.key()).matches("[a-z0-9]+([.-][a-z0-9]+)*");
  }

  @Test
  void noTwoSettingsShareAFlagOrAVariable() {
    assertThat(ServerSettings.all()).extracting(Setting::flag).doesNotHaveDuplicates();
    assertThat(ServerSettings.all()).extracting(Setting::variable).doesNotHaveDuplicates();
  }

  @Test
  void aVariableIsStrongerThanTheFileAndAFlagStrongerThanBoth() throws Exception {
    Path file = file("limits:\n  sessions: 1\n  logins: 1\n  connections: 1\n");
    NodeSettings settings =
        new SettingsReader()
            .file(file)
            .environment(Map.of("SANDRIFT_LIMITS_SESSIONS", "2", "SANDRIFT_LIMITS_LOGINS", "2"))
            .flag(ServerSettings.LIMIT_SESSIONS, "3")
            .conclude();
    assertThat(settings.get(ServerSettings.LIMIT_SESSIONS)).isEqualTo(3);
    assertThat(settings.get(ServerSettings.LIMIT_LOGINS)).isEqualTo(2);
    assertThat(settings.get(ServerSettings.LIMIT_CONNECTIONS)).isEqualTo(1);
  }

  @Test
  void keysMayBeNestedOrHaveDotsAndListsMayBeLists() throws Exception {
    Path file =
        file(
            """
            server.id: alpha
            limits:
              login-timeout: 500ms
            limits.pdu-bytes: 64KiB
            portals: [127.0.0.1:0, "[::1]:3260"]
            admin: {allow-remote: true}
            """);
    NodeSettings settings = new SettingsReader().file(file).conclude();
    assertThat(settings.get(ServerSettings.SERVER_ID)).isEqualTo("alpha");
    assertThat(settings.get(ServerSettings.LIMIT_LOGIN_TIMEOUT)).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.get(ServerSettings.LIMIT_PDU_BYTES)).isEqualTo(65536);
    assertThat(settings.get(ServerSettings.PORTALS))
        .containsExactly(new HostPort("127.0.0.1", 0), new HostPort("::1", 3260));
    assertThat(settings.get(ServerSettings.ADMIN_ALLOW_REMOTE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1:0", "0.0.0.0:3261", "[::]:3261"})
  void anAddressThatOthersAreToldIsOneThatTheyCanConnectTo(String address) {
    SettingsReader reader =
        new SettingsReader().flag(ServerSettings.PEER_ADVERTISED_ADDRESS, address);
    assertThat(problems(reader)).singleElement().asString().contains("port 1 to 65535");
  }

  @Test
  void anEmptyFileSetsNothing() throws Exception {
    assertThat(new SettingsReader().file(file("")).conclude().get(ServerSettings.SERVER_ID))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "limit.sessions, limits.sessions",
    "limits.session, limits.sessions",
    "zookeeper.conect, zookeeper.connect",
    "data_dir, data-dir"
  })
  void anUnknownKeyIsRefusedWithTheOneThatWasProbablyMeant(String key, String meant)
      throws Exception {
    assertThat(problems(new SettingsReader().file(file(key + ": 1\n"))))
        .singleElement()
        .asString()
        .contains("unknown setting '" + key + "'")
        .contains("did you mean " + meant + "?")
        .contains("--help-settings");
  }

  @Test
  void aKeyThatIsLikeNoneIsRefusedWithoutAGuess() throws Exception {
    assertThat(problems(new SettingsReader().file(file("colour: blue\n"))))
        .singleElement()
        .asString()
        .doesNotContain("did you mean");
  }

  @Test
  void allMistakesAreToldTogether() throws Exception {
    SettingsReader reader =
        new SettingsReader()
            .file(file("limits.sessions: many\nnonsense: 1\n"))
            .environment(Map.of("SANDRIFT_STORE_RESERVE", "lots"))
            .flag(ServerSettings.SHUTDOWN_TIMEOUT, "3 weeks");
    assertThat(problems(reader)).hasSize(4);
  }

  @Test
  void aRefusalGivesNameValueSourceRangeAndExample() throws Exception {
    SettingsReader reader = new SettingsReader().flag(ServerSettings.LIMIT_SESSIONS, "65536");
    assertThat(problems(reader))
        .containsExactly(
            "limits.sessions = '65536' (option --limits-sessions) is not accepted; expected 1 to"
                + " 65535 [sessions], such as 512");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits.sessions|0",
        "limits.sessions|1.5",
        "limits.sessions|99999999999",
        "limits.login-timeout|15",
        "limits.login-timeout|1ms",
        "limits.login-timeout|-1s",
        "limits.pdu-bytes|16MiB",
        "limits.pdu-bytes|511",
        "store.reserve|1e9",
        "admin.allow-remote|yes",
        "admin.address|127.0.0.1",
        "admin.address|127.0.0.1:65536",
        "admin.address|::1:80",
        "admin.address|a b:80",
        "portals|127.0.0.1:3260,",
        "portals|127.0.0.1:3260,127.0.0.1:3260",
        "server.id|Alpha",
        "server.id|-",
        "zookeeper.connect|localhost",
        "iscsi.digests|md5",
      })
  void aValueOutOfRangeIsRefused(String key, String value) throws Exception {
    SettingsReader reader =
        new SettingsReader().environment(Map.of(setting(key).variable(), value));
    assertThat(problems(reader)).singleElement().asString().startsWith(key + " = '" + value + "'");
  }

  @Test
  void aFirstBurstLargerThanTheMaximumIsRefused() {
    SettingsReader reader =
        new SettingsReader()
            .flag(ServerSettings.ISCSI_FIRST_BURST, "2MiB")
            .flag(ServerSettings.ISCSI_MAX_BURST, "1MiB");
    assertThat(problems(reader)).singleElement().asString().contains("iscsi.first-burst");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(problems(new SettingsReader().file(directory.resolve("none.yaml"))))
        .singleElement()
        .asString()
        .contains("none.yaml doesn't exist");
  }

  @Test
  void brokenYamlIsRefusedWithItsLine() throws Exception {
    assertThat(problems(new SettingsReader().file(file("server.id: a\nlimits: [1\n"))))
        .singleElement()
        .asString()
        .contains("line ")
        .contains("no valid YAML");
  }

  @Test
  void aKeyThatIsTwiceInTheFileIsRefused() throws Exception {
    assertThat(problems(new SettingsReader().file(file("data-dir: a\ndata-dir: b\n")))).hasSize(1);
    assertThat(
            problems(
                new SettingsReader().file(file("limits.sessions: 1\nlimits: {sessions: 2}\n"))))
        .singleElement()
        .asString()
        .contains("set twice");
  }

  @Test
  void aFileThatIsNoMappingIsRefused() throws Exception {
    assertThat(problems(new SettingsReader().file(file("- a\n- b\n"))))
        .singleElement()
        .asString()
        .contains("no YAML mapping");
  }

  @Test
  void aHugeFileIsNotRead() throws Exception {
    Path file = directory.resolve("huge.yaml");
    Files.writeString(file, "#".repeat((1 << 20) + 1));
    assertThat(problems(new SettingsReader().file(file)))
        .singleElement()
        .asString()
        .contains("larger than 1MiB");
  }

  @Test
  void variablesOfOtherProgramsAreNotLookedAt() {
    assertThatThrownBy(
            () ->
                new SettingsReader()
                    .environment(Map.of("HOME", "/root", "SANDRIFT_DATA_DIR", ""))
                    .conclude())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("SANDRIFT_DATA_DIR")
        .hasMessageNotContaining("HOME");
  }

  static Stream<Setting<?>> settings() {
    return ServerSettings.all().stream();
  }

  private static List<String> problems(SettingsReader reader) {
    return catchThrowableOfType(SettingsException.class, reader::conclude).problems();
  }

  private static Setting<?> setting(String key) {
    return settings().filter(setting -> setting.key().equals(key)).findFirst().orElseThrow();
  }

  @SuppressWarnings("unchecked")
  private static Setting<Object> untyped(Setting<?> setting) {
    return (Setting<Object>) setting;
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("settings.yaml"), yaml);
  }
}
