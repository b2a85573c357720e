package io.sandrift.server.node;

import io.sandrift.server.repartition.StoreRoom;
import io.sandrift.server.store.ExtentStore;
import java.io.IOException;

/** The store's room, for those who move partitions here. */
record UsedStore(ExtentStore store) implements StoreRoom {

  @Override
  public long capacityBytes() throws IOException {
    return store.usage().capacity();
  }

  @Override
  public long freeBytes() throws IOException {
    return store.usage().free();
  }
}
