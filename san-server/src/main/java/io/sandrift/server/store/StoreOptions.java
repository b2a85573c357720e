package io.sandrift.server.store;

/**
 * How much a store may take.
 *
 * @param capacityBytes how many bytes of extents it may hold; 0 for what the file system has room
 *     for
 * @param reserveBytes how much of the file system is to stay free, so that the index can always be
 *     written
 * @param ioThreads how many threads do the I/O that the page cache doesn't answer, 1 or more
 */
public record StoreOptions(long capacityBytes, long reserveBytes, int ioThreads) {

  public static final StoreOptions DEFAULT = new StoreOptions(0, 256L * 1024 * 1024, 8);

  public StoreOptions {
    if (capacityBytes < 0 || reserveBytes < 0 || ioThreads < 1) {
      throw new IllegalArgumentException(
          "capacity and reserve are 0 or more, and I/O threads 1 or more");
    }
  }
}
