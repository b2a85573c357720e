package io.sandrift.load.sample;

/**
 * The load that one resource puts on the server that holds it.
 *
 * @param resource its name, opaque to this module; the server gives {@code <volume id>/<partition>}
 * @param operationsPerSecond reads and writes that ended
 * @param bytesPerSecond bytes read and written
 * @param queue the mean number of operations under way
 */
public record ResourceLoad(
    String resource, double operationsPerSecond, double bytesPerSecond, double queue) {}
