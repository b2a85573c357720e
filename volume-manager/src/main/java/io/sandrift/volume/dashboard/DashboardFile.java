package io.sandrift.volume.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * One file of the page.
 *
 * @param name as the page asks for it, such as {@code dashboard.js}
 * @param contentType for HTTP
 * @param bytes its content
 */
public record DashboardFile(String name, String contentType, byte[] bytes) {

  /** The name of the page itself. */
  public static final String INDEX = "index.html";

  private static final List<String> OWN =
      List.of(
          INDEX,
          "dashboard.css",
          "icon.svg",
          "dashboard.js",
          "api.js",
          "data.js",
          "view.js",
          "charts.js",
          "load.js",
          "servers.js",
          "sessions.js",
          "volumes.js",
          "repartition.js",
          "distribution.js",
          "log.js");

  /** The charts' library, as it comes from npm in a jar; the jar says which version it has. */
  private static final String UPLOT_VERSION =
      "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private static final String UPLOT = "/META-INF/resources/webjars/uplot/%s/dist/%s";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** All files. */
  public static List<DashboardFile> all() {
    List<DashboardFile> all = new ArrayList<>();
    OWN.forEach(name -> all.add(read(name, name)));
    String version = uplotVersion();
    all.add(read("uplot.js", UPLOT.formatted(version, "uPlot.iife.min.js")));
    all.add(read("uplot.css", UPLOT.formatted(version, "uPlot.min.css")));
    return all;
  }

  private static String uplotVersion() {
    try (InputStream in = open(UPLOT_VERSION)) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DashboardFile read(String name, String resource) {
    try (InputStream in = open(resource)) {
      String type = TYPES.getOrDefault(name.substring(name.indexOf('.') + 1), "text/plain");
      return new DashboardFile(name, type, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = DashboardFile.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException("the dashboard's " + resource + " is not on the class path");
    }
    return in;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DashboardFile that
        && name.equals(that.name)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
