package io.sandrift.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of the tests, of whichever module.
 *
 * @param type the name of its class, without the package
 * @param text all that it holds
 */
record TestSource(String type, String text) {

  private static final List<String> MODULES =
      List.of("load-monitor", "volume-manager", "san-client", "san-server", "deploy");

  static List<TestSource> all() {
    return MODULES.stream().flatMap(TestSource::of).toList();
  }

  private static Stream<TestSource> of(String module) {
    try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(TestSource::read)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestSource read(Path file) {
    try {
      return new TestSource(
          file.getFileName().toString().replace(".java", ""), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
