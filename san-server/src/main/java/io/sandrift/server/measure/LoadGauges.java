package io.sandrift.server.measure;

import io.sandrift.load.gossip.GossipTraffic;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.monitor.LoadMonitor;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Shows among the metrics what the load monitor knows, and what the process itself tells. */
public final class LoadGauges {

  private static final double MICROS_PER_SECOND = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private LoadGauges() {}

  /** Has the metrics of load, system and process told from now on. */
  public static void tell(
      Measurements measurements,
      ServerId self,
      ServerSampler sampler,
      MeasuredServer server,
      LoadMonitor monitor) {
    sample(measurements, sampler, ServerMetrics.IN_FLIGHT, Sample::inFlight);
    sample(measurements, sampler, ServerMetrics.SESSIONS, Sample::sessions);
    sample(measurements, sampler, ServerMetrics.KNEE, Sample::knee);
    sample(
        measurements,
        sampler,
        ServerMetrics.UNLOADED,
        sample -> sample.unloadedP99Micros() / MICROS_PER_SECOND);
    sample(measurements, sampler, ServerMetrics.STORE_USED, Sample::usedBytes);
    sample(measurements, sampler, ServerMetrics.STORE_CAPACITY, Sample::capacityBytes);
    sample(measurements, sampler, ServerMetrics.STORE_DIRTY, Sample::dirtyBytes);
    sample(measurements, sampler, ServerMetrics.STORE_STALLED, Sample::storeStalled);
    sample(measurements, sampler, ServerMetrics.CPU, Sample::cpu);
    sample(measurements, sampler, ServerMetrics.NETWORK, Sample::network);
    sample(measurements, sampler, ServerMetrics.GC_PAUSE, Sample::gcPause);
    measurements.tell(ServerMetrics.STORE_FLUSHES, () -> server.storeActivity().flushes());
    measurements.tell(
        ServerMetrics.STORE_FLUSH_SECONDS,
        () -> server.storeActivity().flushNanos() / NANOS_PER_SECOND);
    system(measurements, self, monitor);
    gossip(measurements, monitor);
    process(measurements);
  }

  private static void system(Measurements measurements, ServerId self, LoadMonitor monitor) {
    measurements.tell(ServerMetrics.PRESSURE, () -> pressure(self, monitor).value());
    for (Pressure.Part part : Pressure.Part.values()) {
      measurements.tell(
          ServerMetrics.PRESSURE_PART,
          part.name().toLowerCase(Locale.ROOT),
          () -> pressure(self, monitor).parts().getOrDefault(part, 0.0));
    }
    measurements.tell(ServerMetrics.SYSTEM_MEAN, () -> monitor.get().mean());
    measurements.tell(ServerMetrics.SYSTEM_MAX, () -> monitor.get().max());
    measurements.tell(ServerMetrics.IMBALANCE, () -> monitor.get().imbalance());
    for (Liveness liveness : Liveness.values()) {
      measurements.tell(
          ServerMetrics.SERVERS,
          liveness.name().toLowerCase(Locale.ROOT),
          () ->
              monitor.get().servers().values().stream()
                  .filter(server -> server.liveness() == liveness)
                  .count());
    }
  }

  private static void gossip(Measurements measurements, LoadMonitor monitor) {
    traffic(measurements, monitor, ServerMetrics.GOSSIP_WRITES, GossipTraffic::writes);
    traffic(measurements, monitor, ServerMetrics.GOSSIP_BYTES_WRITTEN, GossipTraffic::bytesWritten);
    traffic(measurements, monitor, ServerMetrics.GOSSIP_READS, GossipTraffic::readRequests);
    traffic(measurements, monitor, ServerMetrics.GOSSIP_SAMPLES, GossipTraffic::samplesRead);
    traffic(measurements, monitor, ServerMetrics.GOSSIP_BYTES_READ, GossipTraffic::bytesRead);
    traffic(
        measurements, monitor, ServerMetrics.GOSSIP_NOTIFICATIONS, GossipTraffic::notifications);
    traffic(measurements, monitor, ServerMetrics.GOSSIP_FAILURES, GossipTraffic::failures);
  }

  private static void process(Measurements measurements) {
    Machine machine = new Machine();
    measurements.tell(ServerMetrics.GC_SECONDS, () -> machine.gcMillis() / MILLIS_PER_SECOND);
    Supplier<MemoryUsage> heap = () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    measurements.tell(ServerMetrics.HEAP_USED, () -> heap.get().getUsed());
    measurements.tell(ServerMetrics.HEAP_MAX, () -> Math.max(0, heap.get().getMax()));
    measurements.tell(
        ServerMetrics.BUFFERS,
        () ->
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum());
    measurements.tell(
        ServerMetrics.THREADS, () -> ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private static Pressure pressure(ServerId self, LoadMonitor monitor) {
    ServerLoad own = monitor.get().find(self);
    return own == null ? Pressure.NONE : own.pressure();
  }

  private static void sample(
      Measurements measurements,
      ServerSampler sampler,
      Metric metric,
      ToDoubleFunction<Sample> number) {
    measurements.tell(
        metric,
        () -> {
          @Nullable Sample last = sampler.last();
          return last == null ? 0.0 : number.applyAsDouble(last);
        });
  }

  private static void traffic(
      Measurements measurements,
      LoadMonitor monitor,
      Metric metric,
      ToLongFunction<GossipTraffic> number) {
    measurements.tell(metric, () -> number.applyAsLong(monitor.traffic()));
  }
}
