/**
 * What all servers that serve one logical unit have to agree on: persistent reservations, RESERVE,
 * mode parameters, and whom they owe a unit attention.
 *
 * <p>{@link io.sandrift.server.scsi.unit.UnitState} is a value, and {@link
 * io.sandrift.server.scsi.unit.UnitRules} has the pure changes of it. {@link
 * io.sandrift.server.scsi.unit.SharedUnit} is one server's copy: it answers the hot path's question
 * and delivers what others have brought about. How servers come to an agreement is the business of
 * whoever implements the port {@link io.sandrift.server.scsi.unit.UnitChanges}; neither ZooKeeper
 * nor other servers are known here. Called by the disk's nexuses, from any thread.
 */
@NullMarked
package io.sandrift.server.scsi.unit;

import org.jspecify.annotations.NullMarked;
