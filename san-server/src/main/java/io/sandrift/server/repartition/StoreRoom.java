package io.sandrift.server.repartition;

import java.io.IOException;

/** What this server's store can take. Safe for all threads. */
public interface StoreRoom {

  /** What it may hold in all, in bytes. */
  long capacityBytes() throws IOException;

  /** What new extents can still take, in bytes; space held in reserve isn't free. */
  long freeBytes() throws IOException;
}
