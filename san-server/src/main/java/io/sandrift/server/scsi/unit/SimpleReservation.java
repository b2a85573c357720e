package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.task.NexusId;

/**
 * RESERVE's reservation of the whole logical unit (SPC-2). It ends with its nexus, so it says where
 * that nexus is.
 *
 * @param server the server that the nexus is logged in at
 * @param process tells this run of the server from its earlier ones
 */
public record SimpleReservation(NexusId nexus, String server, long process) {}
