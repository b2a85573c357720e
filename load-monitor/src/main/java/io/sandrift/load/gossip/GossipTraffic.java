package io.sandrift.load.gossip;

/**
 * What a gossip has cost so far.
 *
 * @param writes samples written
 * @param bytesWritten their bytes
 * @param readRequests requests to ZooKeeper that read others' samples or the list of them
 * @param samplesRead samples that these brought
 * @param bytesRead their bytes
 * @param notifications changes that ZooKeeper told of
 * @param failures writes and reads that failed
 */
public record GossipTraffic(
    long writes,
    long bytesWritten,
    long readRequests,
    long samplesRead,
    long bytesRead,
    long notifications,
    long failures) {}
