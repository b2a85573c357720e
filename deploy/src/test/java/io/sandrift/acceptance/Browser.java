package io.sandrift.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Headless Chromium, driven through ChromeDriver by the W3C WebDriver protocol. */
final class Browser implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Duration SOON = Duration.ofSeconds(120);
  private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

  private final Process driver;
  private final HttpClient http = HttpClient.newHttpClient();
  private String base = "";
  private String session = "";

  private Browser(Process driver) {
    this.driver = driver;
  }

  static Browser start(Path directory) throws Exception {
    Path log = directory.resolve("chromedriver.log");
    // Port 0 is any free one; the log tells which.
    Process driver =
        new ProcessBuilder("chromedriver", "--port=0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Browser browser = new Browser(driver);
    try {
      Awaitility.await()
          .atMost(START_WITHIN)
          .ignoreExceptions()
          .until(
              () -> {
                Matcher port = PORT.matcher(Files.readString(log));
                browser.base = port.find() ? "http://127.0.0.1:" + port.group(1) : "";
                return browser.call("GET", "/status", null).path("ready").asBoolean();
              });
      browser.open(directory.resolve("profile"));
      return browser;
    } catch (Exception | Error e) {
      browser.close();
      throw e;
    }
  }

  private void open(Path profile) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode options =
        body.putObject("capabilities").putObject("alwaysMatch").putObject("goog:chromeOptions");
    for (String argument :
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1400",
            "--user-data-dir=" + profile)) {
      options.withArray("args").add(argument);
    }
    session = "/session/" + call("POST", "/session", body).path("sessionId").asText();
  }

  void go(String url) throws Exception {
    call("POST", session + "/url", JSON.createObjectNode().put("url", url));
  }

  /** Makes the page as wide as a screen is, down to a telephone's. */
  void resize(int width, int height) throws Exception {
    ObjectNode body = JSON.createObjectNode().put("cmd", "Emulation.setDeviceMetricsOverride");
    body.putObject("params")
        .put("width", width)
        .put("height", height)
        .put("deviceScaleFactor", 1)
        .put("mobile", width < 600);
    call("POST", session + "/goog/cdp/execute", body);
  }

  /** Runs {@code return ...} in the page. */
  JsonNode script(String script) throws Exception {
    ObjectNode body = JSON.createObjectNode().put("script", script);
    body.putArray("args");
    return call("POST", session + "/execute/sync", body);
  }

  /** Waits until a script returns true. */
  void await(String script) {
    Awaitility.await(script)
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(() -> script(script).asBoolean());
  }

  /** Clicks what a selector finds, as a user would, once it is there. */
  void click(String css) {
    Awaitility.await(css)
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode element =
                  call(
                      "POST",
                      session + "/element",
                      JSON.createObjectNode().put("using", "css selector").put("value", css));
              String id = element.elements().next().asText();
              call("POST", session + "/element/" + id + "/click", JSON.createObjectNode());
              return true;
            });
  }

  /** Gives a field of the page a value, once it is there, as choosing or typing it does. */
  void choose(String id, String value) throws Exception {
    await("return document.getElementById('" + id + "') !== null");
    script(
        "const field = document.getElementById('%s'); field.value = '%s';".formatted(id, value)
            + " field.dispatchEvent(new Event('change', {bubbles: true}));");
  }

  void screenshot(Path file) throws Exception {
    Files.write(
        file, Base64.getDecoder().decode(call("GET", session + "/screenshot", null).asText()));
  }

  private JsonNode call(String method, String path, JsonNode body) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(
                    method,
                    body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(method + " " + path + ": " + answer.body());
    }
    return JSON.readTree(answer.body()).path("value");
  }

  @Override
  public void close() throws Exception {
    try {
      if (!session.isEmpty()) {
        call("DELETE", session, null);
      }
    } catch (IOException e) {
      // It ends with its driver.
    } finally {
      driver.descendants().forEach(ProcessHandle::destroyForcibly);
      driver.destroyForcibly();
    }
  }
}
