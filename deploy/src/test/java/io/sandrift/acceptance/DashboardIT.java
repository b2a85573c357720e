package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in headless Chromium, over three servers and a session. The third server joined
 * last, so that it has no partitions at first, and asks everybody for a token.
 */
@Timeout(300)
class DashboardIT {

  private static final String LIVE =
      "return document.getElementById('live').dataset.state === 'on'";

  @TempDir static Path directory;
  private static RunningCluster cluster;
  private static Initiator initiator;
  private static BlockDevice device;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    Tool.require("chromedriver", "chromium-driver");
    cluster = RunningCluster.start(2, directory);
    cluster.createVolume("shown", 64L << 20);
    cluster.join("server-3", "--admin-require-token");
    initiator = new Initiator(InitiatorOptions.DEFAULT);
    device = initiator.open(DeviceUrl.parse(cluster.server(1).url("shown")));
    browser = Browser.start(directory);
  }

  @BeforeEach
  void open() throws Exception {
    // A session whose server was ended comes back when there is something to ask for.
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(DashboardIT::isUsed);
    browser.go("http://" + cluster.server(2).admin() + "/");
    browser.await(LIVE);
    browser.await("return document.querySelectorAll('#lanes [data-session]').length === 1");
  }

  private static boolean isUsed() throws IOException {
    device.write(0, ByteBuffer.wrap(new byte[4096]));
    return true;
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
    browser.await("return document.querySelectorAll('#server-cards .card .parts').length === 3");
    browser.await("return document.querySelectorAll('.charts canvas').length === 4");
    browser.await("return document.querySelector('.health').dataset.health === 'ok'");
  }

  @Test
  void everyChartIsATableAndASentence() throws Exception {
    browser.await("return document.querySelectorAll('.charts canvas').length === 4");
    browser.script("document.querySelectorAll('.as-table').forEach(each => each.open = true)");
    browser.await(
        "return [...document.querySelectorAll('.charts figure')].every(figure =>"
            + " figure.querySelector('tbody tr') && figure.querySelector('[id$=summary]')"
            + ".textContent.startsWith('Since'))");
  }

  @Test
  void aPlanIsLookedAtThenRunAndThePartitionsAreSeenToMove() throws Exception {
    browser.await("return document.querySelectorAll('#volumes .cell').length === 64");
    browser.click("[data-act=make-plan]");
    browser.choose("plan-goal", "add");
    browser.choose("plan-server", "server-3");
    browser.click("#dialog-ok");
    browser.await(
        "return document.getElementById('dialog-title').textContent === 'Plan: add server-3'");
    browser.click("#dialog-ok");
    browser.await("return document.querySelector('#plans .badge.good') !== null");
    browser.await("return document.querySelector('.cell[data-place=server-3]') !== null");
    assertThat(browser.script("return document.querySelectorAll('#volumes .cell').length").asInt())
        .isEqualTo(64);
  }

  @Test
  void aPolicyIsSwitchedAndTheLogOfDesignationsSaysWhoTheIntakeIs() throws Exception {
    browser.click("[data-act=policy][data-service=default]");
    browser.choose("policy-kind", "intake");
    browser.click("#dialog-ok");
    browser.await(
        "return document.querySelector('[data-class=default] .badge').textContent === 'intake'");
    browser.await(
        "return document.getElementById('designations').textContent"
            + ".includes('intake of default')");
    browser.await(
        "return document.getElementById('designations').textContent"
            + ".includes('won the election')");
    browser.click("[data-act=policy][data-service=default]");
    browser.choose("policy-kind", "least-loaded");
    browser.click("#dialog-ok");
    browser.await(
        "return document.querySelector('[data-class=default] .badge').textContent"
            + " === 'least-loaded'");
  }

  @Test
  void aServerIsDrainedAfterAQuestion() throws Exception {
    String card = "#server-cards [data-server=server-3]";
    browser.click(card + " [data-act=drain]");
    browser.await("return document.getElementById('dialog').open");
    browser.click("#dialog-ok");
    browser.await("return document.querySelector('" + card + " .badge.warn') !== null");
    browser.await("return !document.getElementById('dialog').open");
    browser.click(card + " [data-act=drain]");
    browser.click("#dialog-ok");
    browser.await("return document.querySelector('" + card + " .badge.good') !== null");
  }

  @Test
  void whoHasNoTokenIsAskedForOneAndAViewerIsOfferedNoChange() throws Exception {
    String user = cluster.sandrift("user", "create", "looker", "--role", "viewer", "-o", "json");
    browser.go("http://" + cluster.server(3).admin() + "/");
    browser.await("return document.getElementById('token') !== null");
    browser.choose("token", new ObjectMapper().readTree(user).path("token").asText());
    browser.click("#dialog-ok");
    browser.await(LIVE);
    browser.await("return document.querySelectorAll('#server-cards .card .parts').length === 3");
    assertThat(browser.script("return document.getElementById('who').textContent").asText())
        .isEqualTo("looker (viewer)");
    assertThat(
            browser.script(
                "return document.querySelectorAll('[data-act=drain], [data-act=policy],"
                    + " [data-act=make-plan]').length"))
        .hasToString("0");
    browser.click("#lanes [data-session]");
    browser.await("return document.getElementById('dialog').open");
    assertThat(browser.script("return document.getElementById('move-to')").isNull()).isTrue();
  }

  @Test
  void aServerThatGoesAndComesBackIsFollowedAgain() throws Exception {
    cluster.server(2).kill();
    browser.await("return document.getElementById('live').textContent === 'reconnecting'");
    browser.await(
        "return document.querySelector('#health-body a[href*=\""
            + cluster.server(1).admin()
            + "\"]') !== null");
    cluster.server(2).restart();
    browser.await(LIVE);
  }

  @Test
  @Tag("S8")
  @Tag("S9")
  void aSessionIsMovedByAFewClicksAndSeenToMove() throws Exception {
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
    String isThere =
        "return document.querySelector('.lane[data-server=\""
            + to
            + "\"] [data-session]') !== null";
    Awaitility.await(isThere)
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> isUsed() && browser.script(isThere).asBoolean());
    browser.await("return !document.getElementById('dialog').open");
    browser.await("return document.getElementById('log-rows').textContent.includes('" + to + "')");
  }

  @Test
  void nothingIsCutOffOnANarrowScreen() throws Exception {
    browser.await("return document.querySelectorAll('.charts canvas').length === 4");
    for (int width : new int[] {1280, 390}) {
      browser.resize(width, 1400);
      browser.await(
          "return document.documentElement.scrollWidth <= document.documentElement.clientWidth");
    }
    browser.resize(1280, 1400);
  }
}
