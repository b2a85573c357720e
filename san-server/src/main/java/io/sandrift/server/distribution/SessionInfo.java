package io.sandrift.server.distribution;

import org.jspecify.annotations.Nullable;

/**
 * One session, as the server that serves it tells.
 *
 * @param id the same wherever it is served
 * @param client the initiator's name
 * @param isid twelve hexadecimal digits
 * @param address where its connection comes from; another server's, when that one relays it
 * @param server who serves it
 * @param sinceMillis since when it is served there, in milliseconds since 1970
 * @param movingTo where it is being moved; null when it isn't
 * @param why the decision by which it is there; null when it was taken in without one
 */
public record SessionInfo(
    String id,
    String client,
    String isid,
    String address,
    String target,
    String volume,
    String service,
    String server,
    long sinceMillis,
    long commands,
    long bytesRead,
    long bytesWritten,
    @Nullable String movingTo,
    @Nullable Assignment why) {}
