package io.sandrift.acceptance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The classes of Sandrift and of what it uses, in the form in which Java maps them into memory.
 * Loading and checking them is most of what a short-lived process costs, and the tests start
 * hundreds, so the first one to be started leaves this archive to the others. Without it they start
 * all the same, only later.
 */
public final class ClassArchive {

  private static final List<String> OPTIONS = make();

  private ClassArchive() {}

  /** The options of {@code java} that give it the class path of the tests, out of the archive. */
  public static List<String> options() {
    return OPTIONS;
  }

  private static List<String> make() {
    try {
      Path directory = Files.createTempDirectory("sandrift-classes");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      String classPath = jarsOnly(directory);
      Path archive = directory.resolve("sandrift.jsa");
      List<String> making = List.of("-XX:ArchiveClassesAtExit=" + archive, "-cp", classPath);
      try (RunningServer server = RunningServer.startWith(making, directory.resolve("data"))) {
        server.stop();
        if (!Files.exists(archive)) {
          throw new IOException("the first server left none:\n" + server.output());
        }
        return List.of("-XX:SharedArchiveFile=" + archive, "-cp", classPath);
      } catch (Exception | AssertionError e) {
        System.err.println("No archive of classes, so servers start slowly: " + e);
        return List.of("-cp", classPath);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tests' own class path; an archive admits no directories in it, so these become jars. */
  private static String jarsOnly(Path directory) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        path = pack(path, directory.resolve(jars.size() + ".jar"));
      }
      jars.add(path.toString());
    }
    return String.join(File.pathSeparator, jars);
  }

  private static Path pack(Path classes, Path jar) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      out.setLevel(Deflater.BEST_SPEED);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  private static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.err.println(directory + " stays: " + e);
    }
  }
}
