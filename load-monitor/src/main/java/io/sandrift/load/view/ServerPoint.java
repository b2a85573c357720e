package io.sandrift.load.view;

import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Sample;
import org.jspecify.annotations.Nullable;

/**
 * One server's load at one moment of the past.
 *
 * @param pressure with what made it up
 * @param operationsPerSecond reads and writes that ended
 * @param bytesPerSecond to and from clients
 */
public record ServerPoint(Pressure pressure, double operationsPerSecond, double bytesPerSecond) {

  static ServerPoint of(ServerLoad load) {
    @Nullable Sample sample = load.sample();
    return sample == null
        ? new ServerPoint(load.pressure(), 0, 0)
        : new ServerPoint(load.pressure(), sample.operationsPerSecond(), sample.bytesPerSecond());
  }
}
