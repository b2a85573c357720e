package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;

/**
 * Where a login belongs.
 *
 * @param assignment why, for the log
 * @param isReserved whether a place is kept there already
 */
record Decision(ServerId server, Assignment assignment, boolean isReserved) {}
