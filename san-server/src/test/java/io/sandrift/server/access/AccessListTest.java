package io.sandrift.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/security.md promises of access lists. */
@Tag("security")
class AccessListTest {

  private static final String HOST = "iqn.2026-11.com.example:host1";

  @Test
  void aVolumeWithoutRulesIsClosed() throws Exception {
    assertThat(AccessList.CLOSED.admits(HOST, at("127.0.0.1"))).isFalse();
  }

  @Test
  void anOpenVolumeLetsEverybodyIn() throws Exception {
    assertThat(AccessList.OPEN.admits(HOST, at("10.1.2.3"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "iqn.2026-11.com.example:host1, '', 10.1.2.3, true",
    "IQN.2026-11.COM.EXAMPLE:HOST1, '', 10.1.2.3, true",
    "iqn.2026-11.com.example:host2, '', 10.1.2.3, false",
    "iqn.2026-11.com.example:host,  '', 10.1.2.3, false",
    "iqn.2026-11.com.example:*,     '', 10.1.2.3, true",
    "'', 10.1.0.0/16, 10.1.2.3, true",
    "'', 10.1.0.0/16, 10.2.2.3, false",
    "'', 10.1.2.3, 10.1.2.3, true",
    "'', 0.0.0.0/0, 10.1.2.3, true",
    "'', fd00::/8, fd12::1, true",
    "'', fd00::/8, 10.1.2.3, false",
    "iqn.2026-11.com.example:host1, 10.1.0.0/16, 10.2.2.3, false"
  })
  void aRuleLetsInWhomItNames(String initiator, String network, String from, boolean admitted)
      throws Exception {
    AccessList list = AccessList.CLOSED.with(new AccessRule(true, initiator, network));
    assertThat(list.admits(HOST, at(from))).isEqualTo(admitted);
  }

  @Test
  void aDenialIsStrongerThanWhatLetsIn() throws Exception {
    AccessList list =
        AccessList.OPEN
            .with(new AccessRule(false, HOST, ""))
            .with(new AccessRule(true, "", "10.0.0.0/8"));
    assertThat(list.admits(HOST, at("10.1.2.3"))).isFalse();
    assertThat(list.admits(HOST + "2", at("10.1.2.3"))).isTrue();
  }

  @Test
  void aRuleTakesThePlaceOfOneAboutTheSame() {
    AccessList list =
        AccessList.CLOSED
            .with(new AccessRule(true, "", "10.1.2.3"))
            .with(new AccessRule(false, "", "10.1.2.3/32"));
    assertThat(list.rules()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.1.2.3/8", "10.1", "host.example", "1.2.3.4/33", "::1%lo", "1.2.3.4/x"})
  void whatIsNoNetworkIsRefused(String network) {
    assertThatThrownBy(() -> new AccessRule(true, "", network))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aListOfANewerFormatIsRefused() {
    byte[] newer = "{\"format\":2,\"open\":true}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> AccessListJson.decode(newer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("newer format; run the version that wrote it");
  }

  @Test
  void aListIsReadAsItWasWritten() throws Exception {
    AccessList list =
        AccessList.OPEN
            .with(new AccessRule(false, HOST, "10.0.0.0/8"))
            .withUser("ann", "sealed")
            .withMutual(new AccessList.Mutual("target", "sealed too"));
    assertThat(AccessListJson.decode(AccessListJson.encode(list))).isEqualTo(list);
  }

  @Test
  void aSealedSecretIsReadByTheSameClusterForTheSamePurposeOnly() throws Exception {
    Seal seal = new Seal("the cluster's secret".getBytes(StandardCharsets.UTF_8));
    String sealed = seal.seal("a CHAP secret", "volume/user");
    assertThat(sealed).doesNotContain("CHAP");
    assertThat(seal.seal("a CHAP secret", "volume/user")).isNotEqualTo(sealed);
    assertThat(seal.open(sealed, "volume/user")).isEqualTo("a CHAP secret");
    assertThatThrownBy(() -> seal.open(sealed, "other/user"))
        .isInstanceOf(GeneralSecurityException.class);
    Seal stranger = new Seal("another secret".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> stranger.open(sealed, "volume/user"))
        .isInstanceOf(GeneralSecurityException.class);
  }

  private static InetAddress at(String address) throws Exception {
    return InetAddress.getByName(address);
  }
}
