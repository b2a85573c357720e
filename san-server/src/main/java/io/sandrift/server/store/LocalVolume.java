package io.sandrift.server.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.sandrift.server.block.AllocationCompletion;
import io.sandrift.server.block.CompareCompletion;
import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One volume's extents in this store. Safe for all threads; reads and writes are done on the
 * calling thread while an {@link IoGate} says that this doesn't make it wait.
 */
@SuppressWarnings("try") // a held lock is there to be closed
final class LocalVolume implements PartitionReplica {

  private static final Logger LOG = LoggerFactory.getLogger(LocalVolume.class);

  private final ExtentStore store;
  private final VolumeId id;
  private final SlotFamily slots;
  private final UnitMap map = new UnitMap();
  private final UnitLocks locks = new UnitLocks();
  private final DirtyMarks dirty = new DirtyMarks();
  private final AtomicLong allocatedUnits = new AtomicLong();
  private final AtomicInteger flushesUnderWay = new AtomicInteger();
  private final PartitionReplica background = new BackgroundVolume(this);
  private volatile boolean isDeleted;

  LocalVolume(ExtentStore store, VolumeId id, SlotFamily slots) {
    this.store = store;
    this.id = id;
    this.slots = slots;
  }

  VolumeId id() {
    return id;
  }

  SlotFamily slots() {
    return slots;
  }

  UnitMap map() {
    return map;
  }

  DirtyMarks dirty() {
    return dirty;
  }

  /** Whether a flush has taken marks whose sync has not ended. */
  boolean isFlushing() {
    return flushesUnderWay.get() > 0;
  }

  void flushBegan() {
    flushesUnderWay.incrementAndGet();
  }

  void flushEnded() {
    flushesUnderWay.decrementAndGet();
  }

  long allocatedBytes() {
    return allocatedUnits.get() * slots.slotBytes();
  }

  /**
   * Enters an extent that the index knows, while the store is being opened. A process that was
   * killed may have left it in the page cache only, so that it counts as dirty.
   */
  void loaded(long unit, long slot) {
    map.put(unit, slot);
    dirty.markFile(slots.fileIndexOf(slot));
    dirty.markMap();
    allocatedUnits.incrementAndGet();
  }

  /**
   * Ends all use: every later request is answered with UNAVAILABLE, and none is under way when this
   * returns, but for flushes, which end with that too.
   */
  void retire() {
    isDeleted = true;
    locks.lock(0, Integer.MAX_VALUE).close();
  }

  // ---- PartitionReplica

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    if (store.gate().isInline()) {
      completion.done(
          readNow(store.gate(), unit, offset, destination.internalNioBuffer(index, length)));
    } else {
      pooled(
          completion,
          () -> readNow(store.gate(), unit, offset, destination.nioBuffer(index, length)));
    }
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    if (store.gate().isInline()) {
      completion.done(
          writeNow(store.gate(), unit, offset, source.internalNioBuffer(index, length)));
    } else {
      pooled(
          completion, () -> writeNow(store.gate(), unit, offset, source.nioBuffer(index, length)));
    }
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    pooled(
        completion,
        () -> {
          try (UnitLocks.Held held = lock(unit, offset, length)) {
            return writeLocked(unit, offset, source.nioBuffer(index, length));
          }
        });
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    if (map.get(unit) == UnitMap.NONE) {
      completion.done(isDeleted ? IoStatus.UNAVAILABLE : IoStatus.OK);
    } else {
      pooled(completion, () -> zeroNow(unit, offset, length));
    }
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    int[] mismatch = {0};
    pooled(
        status -> completion.done(status, mismatch[0]),
        () -> {
          ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
          ByteBuffer current = buffer.nioBuffer(0, length);
          try (UnitLocks.Held held = lock(unit, offset, length)) {
            IoStatus status = readLocked(unit, offset, current);
            if (status != IoStatus.OK) {
              return status;
            }
            int difference = current.flip().mismatch(source.nioBuffer(index, length));
            if (difference >= 0) {
              mismatch[0] = difference;
              return IoStatus.MISCOMPARE;
            }
            return writeLocked(unit, offset, source.nioBuffer(index + length, length));
          } finally {
            buffer.release();
          }
        });
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    pooled(
        completion,
        () -> {
          ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
          ByteBuffer current = buffer.nioBuffer(0, length);
          try (UnitLocks.Held held = lock(unit, offset, length)) {
            IoStatus status = readLocked(unit, offset, current);
            if (status != IoStatus.OK) {
              return status;
            }
            current.flip();
            ByteBuffer operand = source.nioBuffer(index, length);
            for (int i = 0; i < length; i++) {
              current.put(i, (byte) (current.get(i) | operand.get(i)));
            }
            return writeLocked(unit, offset, current);
          } finally {
            buffer.release();
          }
        });
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    BitSet allocated = new BitSet(count);
    for (int i = 0; i < count; i++) {
      if (map.get(unit + i) != UnitMap.NONE) {
        allocated.set(i);
      }
    }
    completion.done(isDeleted ? IoStatus.UNAVAILABLE : IoStatus.OK, allocated);
  }

  @Override
  public void flush(IoCompletion completion) {
    store
        .syncer()
        .flush(this, status -> completion.done(isDeleted ? IoStatus.UNAVAILABLE : status));
  }

  @Override
  public PartitionReplica background() {
    return background;
  }

  // ---- On the thread that does the I/O.

  /**
   * @param gate learns how long the file took, if there was anything to read from it
   */
  IoStatus readNow(IoGate gate, long unit, int offset, ByteBuffer destination) {
    StampedLock lock = locks.of(unit);
    long stamp = lock.readLock();
    try {
      return readPart(gate, unit, offset, destination);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** With the unit's lock held. */
  private IoStatus readPart(IoGate gate, long unit, int offset, ByteBuffer destination) {
    if (isDeleted) {
      return IoStatus.UNAVAILABLE;
    }
    long slot = map.get(unit);
    if (slot == UnitMap.NONE) {
      while (destination.hasRemaining()) {
        ByteBuffer zeros = Zeros.buffer(destination.remaining());
        destination.put(zeros);
      }
      return IoStatus.OK;
    }
    int length = destination.remaining();
    long began = System.nanoTime();
    try {
      slots.read(slot, offset, destination);
      return IoStatus.OK;
    } catch (IOException e) {
      LOG.error("volume {}: unit {} can't be read from {}", id, unit, path(slot), e);
      return IoStatus.MEDIUM_ERROR;
    } finally {
      gate.recordRead(System.nanoTime() - began, length);
    }
  }

  /**
   * Writes with the unit's lock held alone: the kernel copies to and from cached pages without a
   * lock of its own, so that a read beside a write of the same block could see a part of it.
   *
   * @param gate learns how long it took with the lock held, the index included
   */
  IoStatus writeNow(IoGate gate, long unit, int offset, ByteBuffer source) {
    StampedLock lock = locks.of(unit);
    long stamp = lock.writeLock();
    try {
      return writeOrAllocate(gate, unit, offset, source);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** With the unit's lock held alone. */
  private IoStatus writeOrAllocate(IoGate gate, long unit, int offset, ByteBuffer source) {
    if (isDeleted) {
      return IoStatus.UNAVAILABLE;
    }
    long slot = map.get(unit);
    int length = source.remaining();
    long began = System.nanoTime();
    IoStatus status =
        slot == UnitMap.NONE
            ? allocate(unit, offset, source)
            : writePart(unit, slot, offset, source);
    gate.recordWrite(System.nanoTime() - began, length);
    return status;
  }

  private IoStatus allocate(long unit, int offset, ByteBuffer source) {
    long slot = store.takeSlot(slots);
    if (slot < 0) {
      return IoStatus.NO_SPACE;
    }
    // The data first: should they not fit on the disk, then no entry for the slot has been made.
    IoStatus status = writePart(unit, slot, offset, source);
    if (status == IoStatus.OK) {
      status = enter(unit, slot);
    }
    if (status != IoStatus.OK) {
      store.giveBack(slots, slot);
    }
    return status;
  }

  private IoStatus enter(long unit, long slot) {
    try {
      store.index().put(id, unit, slot);
    } catch (RocksDBException e) {
      LOG.error("volume {}: no entry for unit {} could be made in the extent index", id, unit, e);
      return statusOf(e);
    }
    map.put(unit, slot);
    dirty.markMap();
    allocatedUnits.incrementAndGet();
    return IoStatus.OK;
  }

  private IoStatus writePart(long unit, long slot, int offset, ByteBuffer source) {
    int length = source.remaining();
    try {
      slots.write(slot, offset, source);
    } catch (IOException e) {
      dirty.markFile(slots.fileIndexOf(slot));
      return writeFailed(unit, slot, e);
    }
    // After the write, so that a flush that takes the mark syncs the data as well.
    dirty.markFile(slots.fileIndexOf(slot));
    dirty.count(length);
    return IoStatus.OK;
  }

  IoStatus zeroNow(long unit, int offset, int length) {
    boolean isWhole = offset == 0 && length == slots.slotBytes();
    StampedLock lock = locks.of(unit);
    long stamp = lock.writeLock();
    try {
      long slot = map.get(unit);
      if (isDeleted) {
        return IoStatus.UNAVAILABLE;
      }
      if (slot == UnitMap.NONE) {
        return IoStatus.OK;
      }
      return isWhole ? free(unit, slot) : zeroPart(unit, slot, offset, length);
    } finally {
      lock.unlock(stamp);
    }
  }

  private IoStatus zeroPart(long unit, long slot, int offset, int length) {
    try {
      slots.zero(slot, offset, length);
      return IoStatus.OK;
    } catch (IOException e) {
      return writeFailed(unit, slot, e);
    } finally {
      dirty.markFile(slots.fileIndexOf(slot));
    }
  }

  private IoStatus free(long unit, long slot) {
    try {
      store.index().remove(id, unit);
    } catch (RocksDBException e) {
      LOG.error("volume {}: unit {} could not be taken out of the extent index", id, unit, e);
      return statusOf(e);
    }
    map.put(unit, UnitMap.NONE);
    dirty.markMap();
    allocatedUnits.decrementAndGet();
    store.giveBack(slots, slot);
    return IoStatus.OK;
  }

  // ---- Atomic requests: all units locked alone, part by part within.

  private UnitLocks.Held lock(long unit, int offset, int length) {
    return locks.lock(unit, unit + (offset + length - 1) / slots.slotBytes());
  }

  private IoStatus readLocked(long unit, int offset, ByteBuffer destination) {
    int end = destination.limit();
    long at = unit;
    int within = offset;
    while (destination.position() < end) {
      destination.limit(
          destination.position()
              + Math.min(end - destination.position(), slots.slotBytes() - within));
      IoStatus status = readPart(store.gate(), at, within, destination);
      if (status != IoStatus.OK) {
        return status;
      }
      at++;
      within = 0;
    }
    return IoStatus.OK;
  }

  private IoStatus writeLocked(long unit, int offset, ByteBuffer source) {
    int end = source.limit();
    long at = unit;
    int within = offset;
    while (source.position() < end) {
      source.limit(
          source.position() + Math.min(end - source.position(), slots.slotBytes() - within));
      IoStatus status = writeOrAllocate(store.gate(), at, within, source);
      if (status != IoStatus.OK) {
        return status;
      }
      at++;
      within = 0;
    }
    return IoStatus.OK;
  }

  // ---- Elsewhere.

  private interface Work {
    IoStatus run();
  }

  private void pooled(IoCompletion completion, Work work) {
    try {
      store
          .ioThreads()
          .execute(
              () -> {
                IoStatus status;
                try {
                  status = work.run();
                } catch (RuntimeException | Error e) {
                  LOG.error("volume {}: an I/O failed for a reason that should not be", id, e);
                  status = IoStatus.MEDIUM_ERROR;
                }
                completion.done(status);
              });
    } catch (RejectedExecutionException e) {
      // The store is closing, or the queue is full: the initiator tries again.
      completion.done(IoStatus.UNAVAILABLE);
    }
  }

  private IoStatus writeFailed(long unit, long slot, IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left") || message.contains("quota exceeded")) {
      LOG.warn("volume {}: no space for unit {} in {}: {}", id, unit, path(slot), e.getMessage());
      return IoStatus.NO_SPACE;
    }
    LOG.error("volume {}: unit {} can't be written to {}", id, unit, path(slot), e);
    return IoStatus.MEDIUM_ERROR;
  }

  private static IoStatus statusOf(RocksDBException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("no space")
        ? IoStatus.NO_SPACE
        : IoStatus.MEDIUM_ERROR;
  }

  private String path(long slot) {
    return slots.path(slots.fileIndexOf(slot)).toString();
  }
}
