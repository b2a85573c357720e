package io.sandrift.server.target;

import io.netty.channel.EventLoop;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.trace.Trace;
import java.util.concurrent.CompletableFuture;

/** Lets a nexus begin at this server; implemented by the wiring. */
@FunctionalInterface
public interface NexusOpening {

  /**
   * Takes the nexus's next epoch and fences what an earlier login of it left behind at any server.
   *
   * @param loop the connection's, which all of the nexus's I/O comes from
   * @param trace for the log lines of whoever fences
   * @param onFenced told, once and on any thread, when the same nexus has logged in anew elsewhere
   * @return completes on any thread; fails when it can't be had now, saying why
   */
  CompletableFuture<OpenedNexus> open(
      NexusId nexus, Trace trace, EventLoop loop, Runnable onFenced);

  /** For a device that is all here: there is nothing to fence. */
  static NexusOpening of(DeviceServer device) {
    return (nexus, trace, loop, onFenced) ->
        CompletableFuture.completedFuture(new OpenedNexus(device, () -> {}));
  }
}
