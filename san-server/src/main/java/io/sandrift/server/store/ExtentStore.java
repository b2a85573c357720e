package io.sandrift.server.store;

import io.sandrift.server.block.PartitionReplica;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server's extents. Opened once by the node and closed by it; its methods are safe for all
 * threads.
 *
 * <p>What is promised: a write that was completed survives the process; one that was flushed
 * survives the machine; a slot never shows one volume what another has written.
 */
public final class ExtentStore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ExtentStore.class);

  /**
   * How much I/O may wait for a thread; more of it is answered with UNAVAILABLE, and the initiator
   * comes again.
   */
  private static final int MAX_WAITING_IO = 16 * 1024;

  /** For how many nanoseconds the file system's free space is believed. */
  private static final long SPACE_IS_FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path directory;
  private final StoreOptions options;
  private final FileLayer layer;
  private final DirectoryLock lock;
  private final ExtentIndex index;
  private final Syncer syncer;
  private final Reclaimer reclaimer;
  private final ExecutorService ioThreads;
  private final IoGate gate = new IoGate();

  /** Guarded by this. */
  private final Map<VolumeId, LocalVolume> volumes = new HashMap<>();

  /** By slot size. Guarded by this. */
  private final Map<Integer, SlotFamily> families = new HashMap<>();

  /**
   * What the file system still has room for, as of {@link #spaceCheckedNanos}, less what was given
   * out since.
   */
  private long spaceBytes;

  private long spaceCheckedNanos = System.nanoTime() - SPACE_IS_FRESH_NANOS;
  private boolean isClosed;

  private ExtentStore(
      Path directory,
      StoreOptions options,
      FileLayer layer,
      DirectoryLock lock,
      ExtentIndex index) {
    this.directory = directory;
    this.options = options;
    this.layer = layer;
    this.lock = lock;
    this.index = index;
    this.syncer = new Syncer(index);
    this.reclaimer = new Reclaimer(syncer);
    AtomicInteger count = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            options.ioThreads(),
            options.ioThreads(),
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_IO),
            work -> {
              Thread thread = new Thread(work, "store-io-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    this.ioThreads = threads;
  }

  /**
   * Opens the store in a directory, or makes a new one if there is none.
   *
   * @throws StoreException when another process has it open, when it is damaged, or when a newer
   *     version wrote it; the message says what to do, and nothing has been changed
   */
  public static ExtentStore open(Path directory, StoreOptions options) throws StoreException {
    return open(directory, options, FileLayer.SYSTEM);
  }

  static ExtentStore open(Path directory, StoreOptions options, FileLayer layer)
      throws StoreException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StoreException(
          "the directory "
              + directory
              + " can't be made: "
              + e.getMessage()
              + "; check its parent's permissions",
          e);
    }
    DirectoryLock lock = DirectoryLock.take(directory.resolve("lock"));
    ExtentIndex index = null;
    try {
      Path superblock = directory.resolve("store.json");
      Path indexDirectory = directory.resolve("index");
      boolean isNew = !Files.exists(superblock);
      if (isNew && Files.exists(indexDirectory.resolve("CURRENT"))) {
        throw new StoreException(
            superblock
                + " is missing, but there is a store beside it. Nothing was changed; restore the file from a backup");
      }
      if (!isNew && !Files.exists(indexDirectory.resolve("CURRENT"))) {
        throw new StoreException(
            "the extent index in "
                + indexDirectory
                + " is missing. Nothing was changed; restore it from a backup");
      }
      index = new ExtentIndex(indexDirectory);
      Superblock.readOrCreate(superblock, isNew);
      ExtentStore store = new ExtentStore(directory, options, layer, lock, index);
      store.load();
      store.syncer.start();
      store.reclaimer.start();
      return store;
    } catch (StoreException | RuntimeException e) {
      if (index != null) {
        index.close();
      }
      try {
        lock.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** This server's share of a volume, made on first use. */
  public synchronized PartitionReplica replica(VolumeId id, int unitBytes) throws StoreException {
    LocalVolume volume = volumes.get(id);
    if (volume == null) {
      try {
        index.addVolume(id, unitBytes);
      } catch (RocksDBException e) {
        throw new StoreException(
            "volume " + id + " can't be entered into the extent index: " + e.getMessage(), e);
      }
      volume = new LocalVolume(this, id, family(unitBytes));
      volumes.put(id, volume);
    } else if (volume.slots().slotBytes() != unitBytes) {
      throw new StoreException(
          "volume "
              + id
              + " has stripe units of "
              + volume.slots().slotBytes()
              + " bytes here, not "
              + unitBytes);
    }
    return volume;
  }

  /** The volumes that this store has anything of. */
  public synchronized Set<VolumeId> volumes() {
    return Set.copyOf(volumes.keySet());
  }

  /** Frees all that a volume has here, durably. What is not known is deleted already. */
  public void delete(VolumeId id) throws StoreException {
    LocalVolume volume;
    synchronized (this) {
      volume = volumes.get(id);
    }
    if (volume == null) {
      return;
    }
    volume.retire();
    try {
      index.removeVolume(id);
      index.sync();
    } catch (RocksDBException e) {
      throw new StoreException(
          "volume " + id + " can't be taken out of the extent index: " + e.getMessage(), e);
    }
    synchronized (this) {
      volumes.remove(id);
    }
    volume.map().forEachUnit(unit -> reclaimer.add(volume.slots(), volume.map().get(unit)));
  }

  /** How many bytes of extents a volume has here. */
  public synchronized long allocatedBytes(VolumeId id) {
    LocalVolume volume = volumes.get(id);
    return volume == null ? 0 : volume.allocatedBytes();
  }

  public synchronized StoreUsage usage() throws IOException {
    long allocated = volumes.values().stream().mapToLong(LocalVolume::allocatedBytes).sum();
    long reclaiming = reclaimer.waitingBytes();
    long capacity = options.capacityBytes();
    if (capacity == 0) {
      capacity =
          allocated
              + reclaiming
              + Math.max(0, layer.usableBytes(directory) - options.reserveBytes());
    }
    return new StoreUsage(capacity, allocated, reclaiming);
  }

  /** Whether flushes can succeed; false from the first failed sync on. */
  public boolean isHealthy() {
    return !syncer.isFailed();
  }

  /** What the store has done and owes, for the load monitor; once it is closed, nothing. */
  public synchronized StoreActivity activity() {
    if (isClosed) {
      return new StoreActivity(0, syncer.syncs(), syncer.syncNanos(), false);
    }
    return new StoreActivity(
        volumes.values().stream().mapToLong(volume -> volume.dirty().bytes()).sum(),
        syncer.syncs(),
        syncer.syncNanos(),
        index.isStalled());
  }

  /** Ends the threads, makes everything durable, and lets go of the directory. */
  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    reclaimer.close();
    ioThreads.shutdown();
    try {
      if (!ioThreads.awaitTermination(30, TimeUnit.SECONDS)) {
        LOG.warn("some I/O was still under way after 30 s; the disk may be failing");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    syncer.close();
    closeFiles();
    index.close();
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("the lock of {} could not be closed", directory, e);
    }
  }

  // ---- What volumes use.

  IoGate gate() {
    return gate;
  }

  ExtentIndex index() {
    return index;
  }

  Syncer syncer() {
    return syncer;
  }

  ExecutorService ioThreads() {
    return ioThreads;
  }

  /** A slot that reads as zeros, or -1 when the store or the disk is full. */
  long takeSlot(SlotFamily slots) {
    if (slots.hasClean()) {
      long slot = slots.take(false);
      if (slot >= 0) {
        return slot;
      }
    }
    return slots.take(hasRoomFor(slots.slotBytes()));
  }

  void giveBack(SlotFamily slots, long slot) {
    reclaimer.add(slots, slot);
  }

  private synchronized boolean hasRoomFor(int bytes) {
    if (options.capacityBytes() > 0) {
      long used =
          volumes.values().stream().mapToLong(LocalVolume::allocatedBytes).sum()
              + reclaimer.waitingBytes();
      if (used + bytes > options.capacityBytes()) {
        return false;
      }
    }
    long now = System.nanoTime();
    if (now - spaceCheckedNanos >= SPACE_IS_FRESH_NANOS || spaceBytes < bytes) {
      try {
        spaceBytes = layer.usableBytes(directory) - options.reserveBytes();
      } catch (IOException e) {
        LOG.warn("the free space of {} is not known", directory, e);
        spaceBytes = 0;
      }
      spaceCheckedNanos = now;
    }
    spaceBytes -= bytes;
    return spaceBytes >= 0;
  }

  // ---- Opening and closing.

  private SlotFamily family(int slotBytes) {
    return families.computeIfAbsent(slotBytes, bytes -> new SlotFamily(layer, directory, bytes));
  }

  private void load() throws StoreException {
    Map<SlotFamily, BitSet> used = new HashMap<>();
    index.load(
        new ExtentIndex.Loader() {
          @Override
          public void volume(VolumeId id, int slotBytes) {
            volumes.put(id, new LocalVolume(ExtentStore.this, id, family(slotBytes)));
          }

          @Override
          public void extent(VolumeId id, long unit, long slot) throws StoreException {
            LocalVolume volume = volumes.get(id);
            if (volume == null || slot < 0 || slot > Integer.MAX_VALUE || unit < 0) {
              throw damaged(
                  "unit " + unit + " of volume " + id + " has slot " + slot + ", which can't be");
            }
            BitSet slots = used.computeIfAbsent(volume.slots(), family -> new BitSet());
            if (slots.get((int) slot)) {
              throw damaged(
                  "slot "
                      + slot
                      + " belongs to two units, one of them unit "
                      + unit
                      + " of volume "
                      + id);
            }
            slots.set((int) slot);
            volume.loaded(unit, slot);
          }

          @Override
          public void file(String name, long length) throws StoreException {
            Path path = directory.resolve(name);
            try {
              if (!Files.exists(path) || Files.size(path) < length) {
                throw damaged(
                    path + " is missing or shorter than the " + length + " bytes that it had");
              }
            } catch (IOException e) {
              throw new StoreException(path + " can't be read: " + e.getMessage(), e);
            }
          }
        });
    try {
      index.forgetFiles();
    } catch (RocksDBException e) {
      throw new StoreException(
          "the extent index in " + directory + " can't be written: " + e.getMessage(), e);
    }
    for (SlotFamily family : families.values()) {
      BitSet slots = used.getOrDefault(family, new BitSet());
      try {
        family.begin(slots.length());
      } catch (IOException e) {
        throw new StoreException(
            "the extent files in " + directory + " can't be opened: " + e.getMessage(), e);
      }
      for (int slot = slots.nextClearBit(0);
          slot < slots.length();
          slot = slots.nextClearBit(slot + 1)) {
        reclaimer.add(family, slot);
      }
    }
  }

  private StoreException damaged(String what) {
    return new StoreException(
        "the store in "
            + directory
            + " is damaged: "
            + what
            + ". Nothing was changed; restore the whole directory from a backup");
  }

  private synchronized void closeFiles() {
    for (SlotFamily family : families.values()) {
      try {
        for (Map.Entry<String, Long> file : family.syncAll().entrySet()) {
          index.putFile(file.getKey(), file.getValue());
        }
        index.sync();
        family.close();
      } catch (IOException | RocksDBException e) {
        LOG.error("the extent files in {} could not be closed in order", directory, e);
      }
    }
  }
}
