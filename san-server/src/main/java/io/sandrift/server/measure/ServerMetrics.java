package io.sandrift.server.measure;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of a server, in the order in which the reference page shows them. What isn't
 * declared here is not exported.
 */
public final class ServerMetrics {

  private static final List<Metric> DECLARED = new ArrayList<>();

  // ---- Commands.

  public static final Metric COMMANDS =
      counter("sandrift_commands", "", "kind", "SCSI commands that were answered.");

  public static final Metric COMMAND_SECONDS =
      declare(
          "sandrift_command_seconds",
          Metric.Type.SUMMARY,
          "seconds",
          "kind",
          "Time of a command, from its arrival to the answer.");

  public static final Metric BYTES =
      counter("sandrift_data_bytes", "bytes", "direction", "Bytes read and written by initiators.");

  public static final Metric IN_FLIGHT =
      gauge(
          "sandrift_commands_in_flight",
          "",
          null,
          "Mean number of commands under way in a window.");

  public static final Metric SESSIONS =
      gauge("sandrift_sessions", "", null, "Sessions of initiators at this server.");

  // ---- Load.

  public static final Metric PRESSURE =
      gauge(
          "sandrift_pressure_ratio",
          "ratio",
          null,
          "How near the server is to what it can do: 0 idle, 1 saturated.");

  public static final Metric PRESSURE_PART =
      gauge(
          "sandrift_pressure_part_ratio",
          "ratio",
          "part",
          "Used share of each resource; the largest is the pressure.");

  public static final Metric KNEE =
      gauge(
          "sandrift_knee_commands",
          "commands",
          null,
          "Commands under way from which latency climbs, learned or set.");

  public static final Metric UNLOADED =
      gauge(
          "sandrift_unloaded_latency_seconds",
          "seconds",
          null,
          "99th percentile of a command with little to do, learned or set; 0 if unknown.");

  public static final Metric SYSTEM_MEAN =
      gauge(
          "sandrift_system_pressure_mean_ratio",
          "ratio",
          null,
          "Mean pressure of the servers that are alive, as this one sees them.");

  public static final Metric SYSTEM_MAX =
      gauge("sandrift_system_pressure_max_ratio", "ratio", null, "Largest of them.");

  public static final Metric IMBALANCE =
      gauge(
          "sandrift_system_imbalance_ratio",
          "ratio",
          null,
          "Largest pressure over the mean; 1 is balanced.");

  public static final Metric SERVERS =
      gauge("sandrift_servers", "", "liveness", "Servers that are alive, suspect, or gone lately.");

  // ---- Store.

  public static final Metric STORE_USED =
      gauge("sandrift_store_used_bytes", "bytes", null, "What volumes take of the store.");

  public static final Metric STORE_CAPACITY =
      gauge("sandrift_store_capacity_bytes", "bytes", null, "Most that they may take.");

  public static final Metric STORE_DIRTY =
      gauge(
          "sandrift_store_dirty_bytes",
          "bytes",
          null,
          "Written and not flushed, of the last 30 seconds.");

  public static final Metric STORE_FLUSHES =
      counter("sandrift_store_flushes", "", null, "Syncs of the store, each for many flushes.");

  public static final Metric STORE_FLUSH_SECONDS =
      counter("sandrift_store_flush_seconds", "seconds", null, "Time that they took in all.");

  public static final Metric STORE_STALLED =
      gauge(
          "sandrift_store_stalled_ratio",
          "ratio",
          null,
          "Share of a window in which the extent index held writes back.");

  // ---- Machine and process.

  public static final Metric CPU =
      gauge("sandrift_cpu_ratio", "ratio", null, "Share of the machine's processors that it uses.");

  public static final Metric NETWORK =
      gauge(
          "sandrift_network_ratio",
          "ratio",
          null,
          "Share of the network's speed that it uses; 0 if the speed is unknown.");

  public static final Metric GC_PAUSE =
      gauge(
          "sandrift_gc_pause_ratio", "ratio", null, "Share of a window spent collecting garbage.");

  public static final Metric GC_SECONDS =
      counter("sandrift_gc_seconds", "seconds", null, "Time spent collecting garbage.");

  public static final Metric HEAP_USED =
      gauge("sandrift_heap_used_bytes", "bytes", null, "Java heap in use.");

  public static final Metric HEAP_MAX =
      gauge("sandrift_heap_max_bytes", "bytes", null, "Most that it may grow to.");

  public static final Metric BUFFERS =
      gauge(
          "sandrift_direct_buffers_bytes",
          "bytes",
          null,
          "Memory of Java's direct buffers outside of the heap.");

  public static final Metric THREADS =
      gauge("sandrift_threads", "", null, "Threads of the process.");

  // ---- Gossip.

  public static final Metric GOSSIP_WRITES =
      counter("sandrift_gossip_writes", "", null, "Samples that this server has told the others.");

  public static final Metric GOSSIP_BYTES_WRITTEN =
      counter("sandrift_gossip_written_bytes", "bytes", null, "Their bytes.");

  public static final Metric GOSSIP_READS =
      counter(
          "sandrift_gossip_reads", "", null, "Requests to ZooKeeper that read others' samples.");

  public static final Metric GOSSIP_SAMPLES =
      counter("sandrift_gossip_samples", "", null, "Samples of others that these brought.");

  public static final Metric GOSSIP_BYTES_READ =
      counter("sandrift_gossip_read_bytes", "bytes", null, "Their bytes.");

  public static final Metric GOSSIP_NOTIFICATIONS =
      counter("sandrift_gossip_notifications", "", null, "Changes that ZooKeeper told of.");

  public static final Metric GOSSIP_FAILURES =
      counter("sandrift_gossip_failures", "", null, "Writes and reads of samples that failed.");

  private ServerMetrics() {}

  /** All metrics, in the order of their declaration. */
  public static List<Metric> all() {
    return List.copyOf(DECLARED);
  }

  private static Metric counter(String name, String unit, @Nullable String label, String sentence) {
    return declare(name, Metric.Type.COUNTER, unit, label, sentence);
  }

  private static Metric gauge(String name, String unit, @Nullable String label, String sentence) {
    return declare(name, Metric.Type.GAUGE, unit, label, sentence);
  }

  private static Metric declare(
      String name, Metric.Type type, String unit, @Nullable String label, String sentence) {
    Metric metric = new Metric(name, type, unit, label, sentence);
    DECLARED.add(metric);
    return metric;
  }
}
