package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * A replica in memory, for tests: completes on the executor that it is given, fails as it is told,
 * and counts flushes. Every operation is atomic.
 */
public final class MemoryReplica implements PartitionReplica {

  private final int unitBytes;
  private final Map<Long, byte[]> units = new ConcurrentHashMap<>();
  private final Executor executor;
  private volatile IoStatus nextStatus = IoStatus.OK;
  private volatile int flushes;

  /** Completes every operation before its call returns. */
  public MemoryReplica(int unitBytes) {
    this(unitBytes, Runnable::run);
  }

  public MemoryReplica(int unitBytes, Executor executor) {
    this.unitBytes = unitBytes;
    this.executor = executor;
  }

  /** From now on every operation ends like this, without an effect unless it is OK. */
  public void failWith(IoStatus status) {
    nextStatus = status;
  }

  /** How many flushes there were. */
  public int flushes() {
    return flushes;
  }

  /** How many units take up space. */
  public int allocatedUnits() {
    return units.size();
  }

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    run(
        completion,
        () ->
            destination.setBytes(
                index, units.getOrDefault(unit, new byte[unitBytes]), offset, length));
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    run(completion, () -> source.getBytes(index, allocated(unit), offset, length));
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    run(
        completion,
        () -> {
          for (int i = 0; i < length; i++) {
            put(unit, offset + i, source.getByte(index + i));
          }
        });
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    run(
        completion,
        () -> {
          if (length == unitBytes) {
            units.remove(unit);
          } else if (units.containsKey(unit)) {
            Arrays.fill(allocated(unit), offset, offset + length, (byte) 0);
          }
        });
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    executor.execute(
        () -> {
          int mismatch = -1;
          IoStatus status = nextStatus;
          synchronized (this) {
            for (int i = 0; i < length && mismatch < 0 && status == IoStatus.OK; i++) {
              if (get(unit, offset + i) != source.getByte(index + i)) {
                mismatch = i;
              }
            }
            for (int i = 0; i < length && mismatch < 0 && status == IoStatus.OK; i++) {
              put(unit, offset + i, source.getByte(index + length + i));
            }
          }
          completion.done(mismatch < 0 ? status : IoStatus.MISCOMPARE, Math.max(0, mismatch));
        });
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    run(
        completion,
        () -> {
          for (int i = 0; i < length; i++) {
            byte stored = get(unit, offset + i);
            put(unit, offset + i, (byte) (stored | source.getByte(index + i)));
          }
        });
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    BitSet allocated = new BitSet(count);
    for (int i = 0; i < count; i++) {
      allocated.set(i, units.containsKey(unit + i));
    }
    run(status -> completion.done(status, allocated), () -> {});
  }

  @Override
  public void flush(IoCompletion completion) {
    run(completion, () -> flushes++);
  }

  /** The byte at an offset from a unit's start, which may lie in a later unit. */
  private byte get(long unit, int offset) {
    byte[] stored = units.get(unit + offset / unitBytes);
    return stored == null ? 0 : stored[offset % unitBytes];
  }

  private void put(long unit, int offset, byte value) {
    allocated(unit + offset / unitBytes)[offset % unitBytes] = value;
  }

  private byte[] allocated(long unit) {
    return units.computeIfAbsent(unit, u -> new byte[unitBytes]);
  }

  private void run(IoCompletion completion, Runnable effect) {
    executor.execute(
        () -> {
          IoStatus status = nextStatus;
          if (status == IoStatus.OK) {
            synchronized (this) {
              effect.run();
            }
          }
          completion.done(status);
        });
  }
}
