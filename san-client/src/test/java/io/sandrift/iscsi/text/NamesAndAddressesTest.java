package io.sandrift.iscsi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesAndAddressesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iqn.2026-11.io.sandrift:volume-1",
        "iqn.1991-05.com.microsoft:desktop",
        "iqn.2008-11.org.linux-kvm",
        "iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-ls",
        "eui.02004567a425678d",
        "naa.52004567ba64678d",
        "naa.62004567ba64678d0123456789abcdef"
      })
  void aWellFormedNameIsTaken(String name) throws Exception {
    assertThat(IscsiName.parse("InitiatorName", name).value()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "iqn.26-11.io", "iqn.2026-11.", "iqn.2026-11.a b", "eui.1", "naa.xyz"})
  void anIllFormedNameIsRefused(String name) {
    assertThatThrownBy(() -> IscsiName.parse("InitiatorName", name))
        .isInstanceOf(MalformedTextException.class)
        .hasMessageContaining("expected iqn.");
  }

  @Test
  void namesThatDifferInCaseAreTheSame() {
    assertThat(new IscsiName("IQN.2026-11.io.Sandrift:A"))
        .isEqualTo(new IscsiName("iqn.2026-11.io.sandrift:a"));
  }

  @Test
  void aNameHas223BytesAtMost() {
    String longest = "iqn.2026-11.io:" + "a".repeat(223 - 15);
    assertThat(new IscsiName(longest).value()).hasSize(223);
    assertThatThrownBy(() -> new IscsiName(longest + "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'10.0.0.1:3261,2', 10.0.0.1, 3261, 2",
    "'[2001:db8::1]:3260,1', 2001:db8::1, 3260, 1",
    "'[2001:db8::1]', 2001:db8::1, 3260, -1",
    "san.example, san.example, 3260, -1",
    "'san.example,7', san.example, 3260, 7"
  })
  void anAddressIsReadInItsParts(String value, String host, int port, int tag) throws Exception {
    assertThat(TargetAddress.parse(value)).isEqualTo(new TargetAddress(host, port, tag));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":3260", "[::1", "[::1]3260", "host:0", "host:65536", "host,x", "a b"})
  void anIllFormedAddressIsRefused(String value) {
    assertThatThrownBy(() -> TargetAddress.parse(value)).isInstanceOf(MalformedTextException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1]:3260,1", "127.0.0.1:3260,1", "host:1"})
  void anAddressIsWrittenAsItWasRead(String value) throws Exception {
    assertThat(TargetAddress.parse(value)).hasToString(value);
  }

  @Property(tries = 500)
  void anyTextIsAnAddressOrRefused(@ForAll String value) {
    try {
      assertThat(TargetAddress.parse(value)).isNotNull();
    } catch (MalformedTextException e) {
      assertThat(e.getMessage()).contains("TargetAddress");
    }
  }
}
