package io.sandrift.volume.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

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

  private static final List<String> NAMES =
      List.of(INDEX, "dashboard.css", "icon.svg", "dashboard.js", "api.js", "trend.js", "view.js");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** All files. */
  public static List<DashboardFile> all() {
    return NAMES.stream().map(DashboardFile::read).toList();
  }

  private static DashboardFile read(String name) {
    try (InputStream in = DashboardFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the dashboard's " + name + " is not on the class path");
      }
      String type = TYPES.getOrDefault(name.substring(name.indexOf('.') + 1), "text/plain");
      return new DashboardFile(name, type, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
