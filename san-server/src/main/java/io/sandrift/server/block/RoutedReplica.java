package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole volume for one nexus: sends each request to the owner of its partition, see {@link
 * RoutedRequest}, or to all owners of its range, see {@link RangeRequest}.
 *
 * <p>Requests come on any thread, mostly on the nexus's own event loop, where remote owners are
 * asked; local ones are asked on the thread that calls.
 */
public final class RoutedReplica implements PartitionReplica, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RoutedReplica.class);

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
    new Plain(Operation.READ, unit, offset, destination, index, length, completion).attempt();
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    new Plain(Operation.WRITE, unit, offset, source, index, length, completion).attempt();
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    new Plain(Operation.WRITE_ATOMIC, unit, offset, source, index, length, completion).attempt();
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    new Plain(Operation.ZERO, unit, offset, Unpooled.EMPTY_BUFFER, 0, length, completion).attempt();
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    new RoutedRequest(this, Operation.COMPARE_AND_WRITE, unit, offset, source, index, length) {
      @Override
      void finish(IoStatus status) {
        completion.done(status, mismatchOffset());
      }
    }.attempt();
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    new Plain(Operation.OR, unit, offset, source, index, length, completion).attempt();
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    new RangeRequest(this, Operation.ALLOCATION, unit, unit + count - 1, completion).attempt();
  }

  @Override
  public void flush(IoCompletion completion) {
    flush(0, layout.partitions() - 1L, completion);
  }

  @Override
  public void flush(long first, long last, IoCompletion completion) {
    new RangeRequest(this, Operation.FLUSH, first, last, (status, none) -> completion.done(status))
        .attempt();
  }

  /** A request of which only the status is told. */
  private final class Plain extends RoutedRequest {

    private final IoCompletion completion;

    Plain(
        Operation operation,
        long unit,
        int offset,
        ByteBuf buffer,
        int index,
        int length,
        IoCompletion completion) {
      super(RoutedReplica.this, operation, unit, offset, buffer, index, length);
      this.completion = completion;
    }

    @Override
    void finish(IoStatus status) {
      completion.done(status);
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
                  owners(map(), 0, layout.partitions() - 1L).stream()
                      .filter(owner -> !isHere(owner))
                      .map(owner -> remote(owner).open().exceptionally(failure -> null))
                      .toArray(CompletableFuture[]::new);
              CompletableFuture.allOf(openings).thenRun(() -> all.complete(null));
            });
    if (!begun) {
      all.complete(null);
    }
    return all;
  }

  // ---- What requests use.

  StripeLayout layout() {
    return layout;
  }

  PartitionMap map() {
    return maps.current();
  }

  /** See {@link MapSource#refresh}. */
  CompletableFuture<PartitionMap> refresh(PartitionMap known) {
    return maps.refresh(known);
  }

  boolean isClosed() {
    return isClosed;
  }

  boolean isFenced() {
    return isFenced;
  }

  boolean isHere(ServerId owner) {
    return owner.equals(self);
  }

  ServerId owner(PartitionMap map, long unit) {
    return map.entry(layout.partitionOf(unit)).primary();
  }

  /** The owners of the units from {@code first} to {@code last}. */
  Set<ServerId> owners(PartitionMap map, long first, long last) {
    Set<ServerId> owners = new TreeSet<>();
    long end = Math.min(last, first + layout.partitions() - 1);
    for (long unit = first; unit <= end; unit++) {
      owners.add(owner(map, unit));
    }
    return owners;
  }

  boolean isOutOfPatience(long begunNanos) {
    return System.nanoTime() - begunNanos >= patience.toNanos();
  }

  /** Hands a request to an owner, wherever that is. */
  void submit(ServerId owner, BlockRequest request) {
    if (isHere(owner)) {
      localOperations.increment();
      local.submit(request);
      return;
    }
    remoteOperations.computeIfAbsent(owner, id -> new LongAdder()).increment();
    boolean begun =
        onLoop(
            () -> {
              if (isClosed) {
                request.end(IoStatus.UNAVAILABLE);
              } else {
                remote(owner).submit(request);
              }
            });
    if (!begun) {
      request.end(IoStatus.UNAVAILABLE);
    }
  }

  /** Runs the work after a pause; false if the nexus's thread has ended. */
  boolean later(Runnable work, long pauseMillis) {
    try {
      loop.schedule(work, pauseMillis, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** The nexus has logged in anew elsewhere. */
  void fenced() {
    boolean isFirst;
    synchronized (this) {
      isFirst = !isFenced;
      isFenced = true;
    }
    if (isFirst) {
      onFenced.run();
    }
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
}
