package io.sandrift.server.distribution;

import java.time.Duration;

/**
 * How long client distribution waits for what, and how much it remembers.
 *
 * @param masterAnswer how long a login waits for the master before it is decided here
 * @param reservation how long a login waits for the selected server to reserve a place
 * @param logout the time that a session which is moved has for its logout, before it is dropped
 * @param arrival the time that a client has to arrive where it was sent
 * @param logEntries how many decisions each server remembers
 */
public record DistributionLimits(
    Duration masterAnswer,
    Duration reservation,
    Duration logout,
    Duration arrival,
    int logEntries) {}
