package io.sandrift.server.block;

/**
 * A run of bytes that are all allocated, or all not.
 *
 * @param length 1 or more
 */
public record AllocationRun(boolean allocated, long length) {}
