package io.sandrift.server.measure;

/**
 * What an administrator knows better than the sampler.
 *
 * @param knee commands under way from which latency climbs; 0: learned
 * @param unloadedP99Micros 99th percentile with little to do; 0: learned
 * @param networkBitsPerSecond the network's speed; 0: as the system tells
 */
public record SamplerOptions(double knee, double unloadedP99Micros, long networkBitsPerSecond) {

  public static final SamplerOptions LEARN = new SamplerOptions(0, 0, 0);
}
