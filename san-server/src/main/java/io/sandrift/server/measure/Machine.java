package io.sandrift.server.measure;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process and its machine tell. */
final class Machine {

  private static final long BITS_PER_MEGABIT = 1_000_000;
  private static final Path INTERFACES = Path.of("/sys/class/net");

  /** Processor time that the process has used, in nanoseconds; 0 where that isn't known. */
  long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime())
        : 0;
  }

  /**
   * Share of the machine's processors that was in use since the last call, by all processes, 0 to
   * 1; 0 where that isn't known.
   */
  double cpuInUse() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(0, system.getCpuLoad())
        : 0;
  }

  int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Time that garbage collections have taken, in milliseconds. */
  long gcMillis() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, collector.getCollectionTime());
    }
    return millis;
  }

  /** The speed of the fastest network interface in bits/s; 0 where the system doesn't tell. */
  static long networkBitsPerSecond() {
    long fastest = 0;
    if (!Files.isDirectory(INTERFACES)) {
      return 0;
    }
    try (DirectoryStream<Path> interfaces = Files.newDirectoryStream(INTERFACES)) {
      for (Path one : interfaces) {
        fastest = Math.max(fastest, megabits(one) * BITS_PER_MEGABIT);
      }
    } catch (IOException e) {
      return 0;
    }
    return fastest;
  }

  private static long megabits(Path one) {
    try {
      return Math.max(0, Long.parseLong(Files.readString(one.resolve("speed")).strip()));
    } catch (IOException | NumberFormatException e) {
      // An interface that is down, or has no speed, such as the loopback.
      return 0;
    }
  }
}
