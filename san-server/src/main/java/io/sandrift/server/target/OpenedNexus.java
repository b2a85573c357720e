package io.sandrift.server.target;

import io.sandrift.server.scsi.task.DeviceServer;

/**
 * A nexus that may begin: what it was before, anywhere, is fenced off.
 *
 * @param device what its session attaches to
 * @param release to be run if no session comes of it; one that does releases it when it ends
 */
public record OpenedNexus(DeviceServer device, Runnable release) {}
