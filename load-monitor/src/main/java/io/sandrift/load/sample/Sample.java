package io.sandrift.load.sample;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One window of one server's load.
 *
 * @param server whose it is
 * @param sequence counts this server's samples since its start; tells a new one from a repeated one
 * @param takenAt the window's end, by the server's own clock
 * @param window the window's length
 * @param sessions client sessions at the window's end
 * @param inFlight mean number of commands under way
 * @param knee the number of commands under way from which latency climbs, learned or set; above 0
 * @param readsPerSecond commands that read and ended
 * @param writesPerSecond commands that wrote and ended
 * @param readBytesPerSecond bytes sent to clients
 * @param writtenBytesPerSecond bytes received from clients
 * @param latencyP50Micros median time of a command in microseconds; 0 when there was none
 * @param latencyP99Micros 99th percentile likewise
 * @param unloadedP99Micros what the 99th percentile is when the server has little to do, learned or
 *     set; 0 when unknown yet
 * @param cpu share of the machine's processors that this server uses, 0 to 1
 * @param network share of the network's speed in use, 0 to 1; 0 when unknown
 * @param dirtyBytes written and not yet flushed
 * @param flushMillis mean time of a flush in the window; 0 when there was none
 * @param storeStalled share of the window in which the store held writes back, 0 to 1
 * @param gcPause share of the window spent in garbage collection pauses, 0 to 1
 * @param usedBytes of the store
 * @param capacityBytes that the store may use in all
 * @param resources the heaviest resources on this server, heaviest first; bounded
 * @param clients the heaviest sessions on this server, heaviest first; bounded
 */
public record Sample(
    ServerId server,
    long sequence,
    Instant takenAt,
    Duration window,
    int sessions,
    double inFlight,
    double knee,
    double readsPerSecond,
    double writesPerSecond,
    double readBytesPerSecond,
    double writtenBytesPerSecond,
    double latencyP50Micros,
    double latencyP99Micros,
    double unloadedP99Micros,
    double cpu,
    double network,
    long dirtyBytes,
    double flushMillis,
    double storeStalled,
    double gcPause,
    long usedBytes,
    long capacityBytes,
    List<ResourceLoad> resources,
    List<SessionLoad> clients) {

  public Sample {
    resources = List.copyOf(resources);
    clients = List.copyOf(clients);
  }

  /** Reads and writes that ended, each second. */
  public double operationsPerSecond() {
    return readsPerSecond + writesPerSecond;
  }

  /** Bytes to and from clients, each second. */
  public double bytesPerSecond() {
    return readBytesPerSecond + writtenBytesPerSecond;
  }
}
