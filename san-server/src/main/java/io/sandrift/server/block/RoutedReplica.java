package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole volume for one nexus: sends each request to the owner of its partition, and goes on
 * trying until that succeeds or the time is over.
 *
 * <pre>
 *   MOVED                 look for a newer map, ask its owner
 *   UNAVAILABLE, CUT_OFF  (the owner can't be reached) ask again, after a pause
 *   FENCED                the nexus is over; its listener is told
 * </pre>
 *
 * <p>Requests come on any thread, mostly on the nexus's own event loop, where remote owners are
 * asked; local ones are asked on the thread that calls.
 */
public final class RoutedReplica implements PartitionReplica, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RoutedReplica.class);

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  private final StripeLayout layout;
  private final MapSource maps;
  private final ServerId self;
  private final PartitionOwner local;
  private final Owners owners;
  private final ScheduledExecutorService loop;
  private final Duration patience;
  private final Runnable onFenced;
  private final LongAdder localOperations = new LongAdder();
  private final Map<ServerId, LongAdder> remoteOperations = new ConcurrentHashMap<>();

  /** Touched on the loop only. */
  private final Map<ServerId, PartitionOwner> remotes = new HashMap<>();

  private volatile boolean isClosed;
  private volatile boolean isFenced;

  /**
   * @param local the way to this server's own partitions
   * @param owners the ways to the others
   * @param loop the nexus's thread, on which the others are asked
   * @param patience how long after its begin a request is still tried again
   * @param onFenced told once, on any thread, when the nexus has been fenced
   */
  public RoutedReplica(
      StripeLayout layout,
      MapSource maps,
      ServerId self,
      PartitionOwner local,
      Owners owners,
      ScheduledExecutorService loop,
      Duration patience,
      Runnable onFenced) {
    this.layout = layout;
    this.maps = maps;
    this.self = self;
    this.local = local;
    this.owners = owners;
    this.loop = loop;
    this.patience = patience;
    this.onFenced = onFenced;
  }

  /** How many requests found their bytes here. */
  public long localOperations() {
    return localOperations.sum();
  }

  /** How many requests went to each other server. */
  public Map<ServerId, Long> remoteOperations() {
    Map<ServerId, Long> counts = new HashMap<>();
    remoteOperations.forEach((server, count) -> counts.put(server, count.sum()));
    return counts;
  }

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    begin(
        new Attempts(
            BlockRequest.Operation.READ, unit, offset, destination, index, length, completion));
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    begin(
        new Attempts(
            BlockRequest.Operation.WRITE, unit, offset, source, index, length, completion));
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    begin(
        new Attempts(
            BlockRequest.Operation.WRITE_ATOMIC, unit, offset, source, index, length, completion));
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    begin(new Attempts(BlockRequest.Operation.ZERO, unit, offset, length, completion));
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    begin(new Attempts(unit, offset, source, index, length, completion));
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    begin(new Attempts(BlockRequest.Operation.OR, unit, offset, source, index, length, completion));
  }

  /** Asks every owner, and puts their answers together. */
  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    Set<ServerId> all = primaries();
    BitSet together = new BitSet(count);
    AtomicInteger remaining = new AtomicInteger(all.size());
    AtomicReference<IoStatus> outcome = new AtomicReference<>(IoStatus.OK);
    for (ServerId owner : all) {
      Attempts[] asked = new Attempts[1];
      asked[0] =
          new Attempts(
              owner,
              BlockRequest.Operation.ALLOCATION,
              unit,
              count,
              status -> {
                if (status == IoStatus.OK) {
                  synchronized (together) {
                    together.or(asked[0].allocated());
                  }
                } else {
                  outcome.compareAndSet(IoStatus.OK, status);
                }
                if (remaining.decrementAndGet() == 0) {
                  synchronized (together) {
                    completion.done(Objects.requireNonNull(outcome.get()), together);
                  }
                }
              });
      begin(asked[0]);
    }
  }

  /** Flushes every owner of the volume: any of them may hold what any nexus wrote. */
  @Override
  public void flush(IoCompletion completion) {
    flush(primaries(), completion);
  }

  @Override
  public void flush(long first, long last, IoCompletion completion) {
    PartitionMap map = maps.current();
    if (first == last) {
      flush(Set.of(map.entry(layout.partitionOf(first)).primary()), completion);
      return;
    }
    Set<ServerId> owners = new TreeSet<>();
    long end = Math.min(last, first + layout.partitions() - 1);
    for (long unit = first; unit <= end; unit++) {
      owners.add(map.entry(layout.partitionOf(unit)).primary());
    }
    flush(owners, completion);
  }

  private void flush(Set<ServerId> flushed, IoCompletion completion) {
    IoCompletion join =
        flushed.size() == 1 ? completion : new StripedDevice.Join(flushed.size(), completion);
    for (ServerId owner : flushed) {
      begin(new Attempts(owner, BlockRequest.Operation.FLUSH, 0, 0, join));
    }
  }

  /** The nexus is over: what is under way ends by itself, nothing more is begun. */
  @Override
  public void close() {
    isClosed = true;
    local.close();
    onLoop(
        () -> {
          List<PartitionOwner> ways = new ArrayList<>(remotes.values());
          remotes.clear();
          ways.forEach(PartitionOwner::close);
        });
  }

  /**
   * Opens the ways to all owners now, so that what the nexus left behind elsewhere is fenced. An
   * owner that can't be reached is opened when it can, before the first request to it.
   *
   * @return completes when every owner has answered or could not be reached; never fails
   */
  public CompletableFuture<Void> open() {
    CompletableFuture<Void> all = new CompletableFuture<>();
    boolean begun =
        onLoop(
            () -> {
              CompletableFuture<?>[] openings =
                  primaries().stream()
                      .filter(owner -> !owner.equals(self))
                      .map(owner -> remote(owner).open().exceptionally(failure -> null))
                      .toArray(CompletableFuture[]::new);
              CompletableFuture.allOf(openings).thenRun(() -> all.complete(null));
            });
    if (!begun) {
      all.complete(null);
    }
    return all;
  }

  private Set<ServerId> primaries() {
    Set<ServerId> primaries = new TreeSet<>();
    maps.current().entries().forEach(entry -> primaries.add(entry.primary()));
    return primaries;
  }

  private void begin(Attempts attempts) {
    attempts.tryOnce();
  }

  /** On the loop. */
  private PartitionOwner remote(ServerId server) {
    return remotes.computeIfAbsent(server, owners::find);
  }

  /** Returns false if the loop has ended, and the work won't be done. */
  private boolean onLoop(Runnable work) {
    if (loop instanceof EventExecutor executor && executor.inEventLoop()) {
      work.run();
      return true;
    }
    try {
      loop.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("the nexus's thread has ended");
      return false;
    }
  }

  private void fenced() {
    boolean isFirst;
    synchronized (this) {
      isFirst = !isFenced;
      isFenced = true;
    }
    if (isFirst) {
      onFenced.run();
    }
  }

  /** One request, from owner to owner until it has ended. */
  private final class Attempts extends BlockRequest {

    private final @Nullable IoCompletion completion;
    private final @Nullable CompareCompletion compareCompletion;
    private final @Nullable ServerId fixedOwner;
    private PartitionMap map = maps.current();
    private @Nullable PartitionOwner asked;
    private long begunNanos;
    private int failures;

    Attempts(
        Operation operation,
        long unit,
        int offset,
        ByteBuf buffer,
        int index,
        int length,
        IoCompletion completion) {
      super(operation, unit, offset, buffer, index, length);
      this.completion = completion;
      this.compareCompletion = null;
      this.fixedOwner = null;
    }

    Attempts(Operation operation, long unit, int offset, int length, IoCompletion completion) {
      super(operation, unit, offset, length);
      this.completion = completion;
      this.compareCompletion = null;
      this.fixedOwner = null;
    }

    Attempts(ServerId owner, Operation operation, long unit, int length, IoCompletion completion) {
      super(operation, unit, 0, length);
      this.completion = completion;
      this.compareCompletion = null;
      this.fixedOwner = owner;
    }

    Attempts(
        long unit,
        int offset,
        ByteBuf buffer,
        int index,
        int length,
        CompareCompletion completion) {
      super(Operation.COMPARE_AND_WRITE, unit, offset, buffer, index, length);
      this.completion = null;
      this.compareCompletion = completion;
      this.fixedOwner = null;
    }

    void tryOnce() {
      if (isClosed) {
        finish(isFenced ? IoStatus.FENCED : IoStatus.UNAVAILABLE);
        return;
      }
      ServerId owner = fixedOwner;
      if (owner == null) {
        PartitionEntry entry = map.entry(layout.partitionOf(unit()));
        setEpoch(entry.epoch());
        owner = entry.primary();
      }
      if (owner.equals(self)) {
        asked = local;
        localOperations.increment();
        local.submit(this);
        return;
      }
      ServerId elsewhere = owner;
      if (failures == 0) {
        begunNanos = System.nanoTime();
      }
      remoteOperations.computeIfAbsent(owner, id -> new LongAdder()).increment();
      boolean begun =
          onLoop(
              () -> {
                if (isClosed) {
                  finish(IoStatus.UNAVAILABLE);
                  return;
                }
                PartitionOwner way = remote(elsewhere);
                asked = way;
                way.submit(this);
              });
      if (!begun) {
        finish(IoStatus.UNAVAILABLE);
      }
    }

    @Override
    public void end(IoStatus status) {
      PartitionOwner by = asked;
      switch (status) {
        case MOVED -> again(status);
        case FENCED -> {
          fenced();
          finish(status);
        }
        case CUT_OFF -> {
          if (operation().isRepeatable()) {
            again(status);
          } else {
            finish(status);
          }
        }
        case UNAVAILABLE -> {
          if (by != null && by.isRemote()) {
            again(status);
          } else {
            finish(status);
          }
        }
        default -> finish(status);
      }
    }

    private void again(IoStatus reason) {
      long now = System.nanoTime();
      if (failures == 0 && asked == local) {
        begunNanos = now;
      }
      failures++;
      if (isClosed || now - begunNanos >= patience.toNanos()) {
        finish(IoStatus.UNAVAILABLE);
        return;
      }
      // The first refusal by a former owner is answered at once by the newer map.
      if (reason == IoStatus.MOVED) {
        maps.refresh(map)
            .whenComplete(
                (newest, failure) -> {
                  boolean isNewer = newest != null && newest.version() != map.version();
                  if (newest != null) {
                    map = newest;
                  }
                  if (isNewer) {
                    tryOnce();
                  } else {
                    afterPause();
                  }
                });
      } else {
        PartitionMap newest = maps.current();
        map = newest;
        afterPause();
      }
    }

    private void afterPause() {
      long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures - 1, 10));
      try {
        loop.schedule(this::tryOnce, pause, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        finish(IoStatus.UNAVAILABLE);
      }
    }

    void finish(IoStatus status) {
      if (completion != null) {
        completion.done(status);
      } else if (compareCompletion != null) {
        compareCompletion.done(status, mismatchOffset());
      }
    }
  }
}
