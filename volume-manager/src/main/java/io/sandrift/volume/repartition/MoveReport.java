package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;

/**
 * What one server is doing for a plan.
 *
 * @param server the one that gives partitions away
 * @param activity in words: {@code partition 3 of db to server-4}, or why it waits
 * @param copiedBytes of the partition that is being copied
 * @param totalBytes of it
 * @param bytesPerSecond lately
 */
public record MoveReport(
    ServerId server, String activity, long copiedBytes, long totalBytes, double bytesPerSecond) {}
