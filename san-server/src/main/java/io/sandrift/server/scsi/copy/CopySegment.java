package io.sandrift.server.scsi.copy;

/**
 * One segment of a copy: bytes from one disk to one disk, which may be the same.
 *
 * @param source index of the source among the target descriptors
 * @param destination index of the destination, likewise
 * @param countsDestinationBlocks whether {@code length} counts the destination's blocks (DC)
 * @param lengthInBytes whether {@code length} is in bytes, not in blocks
 * @param sourceLba unsigned
 * @param destinationLba unsigned
 * @param sourceByte where to begin within the source's first block
 * @param destinationByte where to begin within the destination's first block
 */
record CopySegment(
    int source,
    int destination,
    boolean countsDestinationBlocks,
    boolean lengthInBytes,
    long length,
    long sourceLba,
    long destinationLba,
    int sourceByte,
    int destinationByte) {}
