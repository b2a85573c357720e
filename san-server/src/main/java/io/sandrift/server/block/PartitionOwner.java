package io.sandrift.server.block;

import java.util.concurrent.CompletableFuture;

/**
 * One nexus's way to the partitions of one volume at one server, this one or another.
 *
 * <p>Called on the nexus's own thread. An attempt that could not reach the owner ends with
 * UNAVAILABLE if nothing was sent, and with CUT_OFF if the request may have arrived.
 */
public interface PartitionOwner extends AutoCloseable {

  /** Begins an attempt; see {@link BlockRequest#end}. */
  void submit(BlockRequest request);

  /**
   * Lets the owner know of the nexus before the first request. Fails when it can't be reached or
   * the nexus has been fenced.
   */
  CompletableFuture<Void> open();

  /** The nexus leaves. May be called twice. */
  @Override
  void close();
}
