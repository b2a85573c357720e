package io.sandrift.server.store;

/**
 * What a store has done since it was opened, and what it owes.
 *
 * @param dirtyBytes written since the last flush of their volume; what the operating system has
 *     written back by itself meanwhile is not taken off
 * @param flushes syncs that ended, each for all flushes that waited for it
 * @param flushNanos the time that they took, all together
 * @param isStalled whether RocksDB slows writes down or holds them back now
 */
public record StoreActivity(long dirtyBytes, long flushes, long flushNanos, boolean isStalled) {}
