package io.sandrift.load.monitor;

import io.sandrift.load.sample.Sample;

/** Measures this server. Called on {@code load-monitor} alone, once in each window. */
@FunctionalInterface
public interface Sampler {

  /** What has happened since the last call. */
  Sample sample();
}
