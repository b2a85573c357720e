package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;

/**
 * What a plan changes for one server.
 *
 * @param partitionsBefore of all volumes
 * @param usedBytesBefore in extents of partitions that it owns
 * @param capacityBytes what its store may hold in all; 0 when unknown
 * @param pressureBefore 1.0 is saturated
 * @param pressureAfter as expected, if the load on each partition stays
 */
public record ServerEffect(
    ServerId server,
    int partitionsBefore,
    int partitionsAfter,
    long usedBytesBefore,
    long usedBytesAfter,
    long capacityBytes,
    double pressureBefore,
    double pressureAfter) {}
