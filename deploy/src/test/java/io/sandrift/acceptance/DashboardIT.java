package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard in headless Chromium, over three servers and a session. */
@Timeout(300)
class DashboardIT {

  @TempDir static Path directory;
  private static RunningCluster cluster;
  private static Initiator initiator;
  private static BlockDevice device;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    Tool.require("chromedriver", "chromium-driver");
    cluster = RunningCluster.start(3, directory);
    cluster.createVolume("shown", 64L << 20);
    initiator = new Initiator(InitiatorOptions.DEFAULT);
    device = initiator.open(DeviceUrl.parse(cluster.server(1).url("shown")));
    browser = Browser.start(directory);
    browser.go("http://" + cluster.server(2).admin() + "/");
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (device != null) {
      device.close();
      initiator.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Tag("S1")
  @Tag("S10")
  void itShowsEveryServersLoadLive() {
    browser.await("return document.getElementById('live').dataset.state === 'on'");
    browser.await("return document.querySelectorAll('#servers .card').length === 3");
    browser.await("return document.querySelector('#trend svg path') !== null");
  }

  @Test
  void itShowsAVolumesPartitionsOverTheServers() {
    browser.await("return document.querySelectorAll('#volumes .strip i').length === 64");
  }

  @Test
  @Tag("S8")
  @Tag("S9")
  void aSessionIsMovedByAFewClicksAndSeenToMove() throws Exception {
    browser.await("return document.getElementById('live').dataset.state === 'on'");
    browser.await("return document.querySelectorAll('#lanes [data-session]').length === 1");
    String from =
        browser
            .script(
                "return document.querySelector('[data-session]').closest('.lane').dataset.server")
            .asText();
    browser.click("#lanes [data-session]");
    browser.await("return document.getElementById('move-to') !== null");
    String to = browser.script("return document.getElementById('move-to').value").asText();
    assertThat(to).isNotEqualTo(from);
    browser.click("#dialog-ok");
    // The initiator follows as soon as it has something to ask for.
    device.write(0, ByteBuffer.wrap(new byte[4096]));
    browser.await(
        "return document.querySelector('.lane[data-server=\""
            + to
            + "\"] [data-session]') !== null");
    device.write(4096, ByteBuffer.wrap(new byte[4096]));
    browser.await("return !document.getElementById('dialog').open");
    browser.await("return document.getElementById('log').textContent.includes('" + to + "')");
  }

  @Test
  void nothingIsCutOffOnANarrowScreen() throws Exception {
    for (int width : new int[] {1280, 390}) {
      browser.resize(width, 1400);
      browser.await(
          "return document.documentElement.scrollWidth <= document.documentElement.clientWidth");
    }
    browser.resize(1280, 1400);
  }
}
