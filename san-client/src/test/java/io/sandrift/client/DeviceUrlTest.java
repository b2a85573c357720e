package io.sandrift.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.iscsi.text.TargetAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceUrlTest {

  private static final String TARGET = "iqn.2026-11.io.sandrift:demo";

  @Test
  void aPlainUrlNamesPortalTargetAndLun() {
    DeviceUrl url = DeviceUrl.parse("iscsi://127.0.0.1:3261/" + TARGET + "/3");
    assertThat(url.portals()).containsExactly(new TargetAddress("127.0.0.1", 3261));
    assertThat(url.target().value()).isEqualTo(TARGET);
    assertThat(url.lun()).isEqualTo(3);
    assertThat(url.user()).isNull();
  }

  @Test
  @Tag("I11")
  void severalPortalsStandInALine() {
    DeviceUrl url = DeviceUrl.parse("iscsi://one,two:3261,[::1]:3262/" + TARGET + "/0");
    assertThat(url.portals())
        .containsExactly(
            new TargetAddress("one", 3260),
            new TargetAddress("two", 3261),
            new TargetAddress("::1", 3262));
  }

  @Test
  void userAndSecretStandBeforeTheAddress() {
    DeviceUrl url = DeviceUrl.parse("iscsi://alice%s3cret@word@host/" + TARGET + "/0");
    assertThat(url.user()).isEqualTo("alice");
    assertThat(url.secret()).isEqualTo("s3cret@word");
    assertThat(url.toString())
        .doesNotContain("s3cret")
        .isEqualTo("iscsi://host:3260/" + TARGET + "/0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://host/iqn.2026-11.io.sandrift:demo/0",
        "iscsi://host",
        "iscsi://host/iqn.2026-11.io.sandrift:demo",
        "iscsi://host/iqn.2026-11.io.sandrift:demo/x",
        "iscsi://host/iqn.2026-11.io.sandrift:demo/256",
        "iscsi://host/not-a-name/0",
        "iscsi://host:0/iqn.2026-11.io.sandrift:demo/0",
        "iscsi://host:99999/iqn.2026-11.io.sandrift:demo/0",
        "iscsi:///iqn.2026-11.io.sandrift:demo/0",
        "iscsi://alice@host/iqn.2026-11.io.sandrift:demo/0"
      })
  void whatIsNoUrlIsRefused(String text) {
    assertThatThrownBy(() -> DeviceUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRefusalDoesNotRepeatTheSecret() {
    assertThatThrownBy(() -> DeviceUrl.parse("iscsi://alice%s3cret-word@host/nonsense/0"))
        .hasMessageNotContaining("s3cret");
  }
}
