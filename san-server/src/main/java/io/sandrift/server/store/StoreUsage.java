package io.sandrift.server.store;

/**
 * What a store holds now, in bytes.
 *
 * @param capacity how much it may hold, as far as is known now
 * @param allocated in extents of volumes
 * @param reclaiming given back by volumes, but not zeroed yet
 */
public record StoreUsage(long capacity, long allocated, long reclaiming) {

  /** What new extents can still take. */
  public long free() {
    return Math.max(0, capacity - allocated - reclaiming);
  }
}
