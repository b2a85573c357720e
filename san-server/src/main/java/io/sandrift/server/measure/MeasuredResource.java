package io.sandrift.server.measure;

/**
 * What one partition at this server has done so far; the sampler makes rates of it.
 *
 * @param resource {@code <volume id>/<partition>}
 * @param operations requests that ended
 * @param bytes read and written
 * @param underWay requests under way now
 */
public record MeasuredResource(String resource, long operations, long bytes, int underWay) {}
