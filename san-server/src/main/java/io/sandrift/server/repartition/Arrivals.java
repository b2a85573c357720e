package io.sandrift.server.repartition;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.repartition.MoveMessages.Begin;
import io.sandrift.server.repartition.MoveMessages.Data;
import io.sandrift.server.repartition.MoveMessages.Seal;
import io.sandrift.server.repartition.PartitionExtents.StoreFailure;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions on their way to this server: takes in what sources send, and frees what never became
 * this server's, whether the source gave up, died, or this server itself did in the middle.
 *
 * <p>What is not in the map is freed only after the owner, as a map read afresh says, has answered
 * that it isn't making that move any more. As every attempt begins with a message that this class
 * answers, none can begin meanwhile.
 *
 * <p>Calls come on event loops; what takes long is done on {@code arrivals}, this class's own
 * thread.
 */
final class Arrivals implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

  /** After how much silence the owner is asked whether it goes on. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

  /** More copies at once are refused. */
  private static final int MAX_ARRIVALS = 64;

  /** Of a store, what copies leave free. */
  private static final long RESERVED_PART = 50;

  private record Place(VolumeId volume, int partition) {}

  /** Whether this server is giving a partition away, or still freeing what it has given away. */
  interface Leaving {
    boolean isLeaving(VolumeId volume, int partition);
  }

  /** One copy that is coming in. Guarded by itself. */
  private static final class Arrival {
    final UUID move;
    final ServerId from;
    final HostedVolume volume;
    final int partition;
    final long bytes;
    boolean isCleared;
    boolean isClosed;
    int sealedRound = -1;
    int writing;
    long received;
    long heardNanos = System.nanoTime();
    final List<Runnable> whenStill = new ArrayList<>();

    Arrival(UUID move, ServerId from, HostedVolume volume, int partition, long bytes) {
      this.move = move;
      this.from = from;
      this.volume = volume;
      this.partition = partition;
      this.bytes = bytes;
    }

    Place place() {
      return new Place(volume.volume().id(), partition);
    }

    /**
     * Runs the action once no piece is being written; none is let in that would make it wait on.
     */
    void whenStill(Runnable action) {
      synchronized (this) {
        if (writing > 0) {
          whenStill.add(action);
          return;
        }
      }
      action.run();
    }

    void written() {
      List<Runnable> actions = List.of();
      synchronized (this) {
        if (--writing == 0 && !whenStill.isEmpty()) {
          actions = List.copyOf(whenStill);
          whenStill.clear();
        }
      }
      actions.forEach(Runnable::run);
    }
  }

  private final HostedVolumes volumes;
  private final PeerCalls calls;
  private final StoreRoom room;
  private final Leaving leaving;
  private final ServerId self;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "arrivals");
            worker.setDaemon(true);
            return worker;
          });

  /** Its queue is as long as sources have pieces under way. */
  private final ExecutorService writing =
      Executors.newSingleThreadExecutor(
          new DefaultThreadFactory("arrivals-write", true, Thread.MIN_PRIORITY));

  /** Guarded by this. */
  private final Map<Place, Arrival> arrivals = new HashMap<>();

  /** Volumes whose extents were looked through for leftovers since this server's start. */
  private final Set<VolumeId> lookedThrough = new HashSet<>();

  Arrivals(HostedVolumes volumes, PeerCalls calls, StoreRoom room, Leaving leaving, ServerId self) {
    this.volumes = volumes;
    this.leaving = leaving;
    this.calls = calls;
    this.room = room;
    this.self = self;
  }

  void start() {
    calls.serve(MoveMessages.BEGIN, (from, message) -> begin(from, Begin.decode(message)));
    calls.serveBuffers(MoveMessages.DATA, (from, message) -> data(message));
    calls.serve(MoveMessages.SEAL, (from, message) -> seal(Seal.decode(message)));
    calls.serve(MoveMessages.COMMIT, (from, message) -> commit(MoveMessages.move(message)));
    calls.serve(MoveMessages.ABORT, (from, message) -> abort(MoveMessages.move(message)));
    thread.scheduleWithFixedDelay(
        this::lookAround,
        LOOK_INTERVAL.toMillis(),
        LOOK_INTERVAL.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    // Not interrupted: it may be in the middle of file I/O.
    thread.shutdown();
    writing.shutdown();
  }

  // ---- What sources say.

  private CompletableFuture<byte[]> begin(ServerId from, Begin begin) {
    Optional<HostedVolume> found = volumes.hosted(begin.volume());
    if (found.isEmpty()) {
      return refused("volume " + begin.volume() + " isn't open at server " + self + " yet");
    }
    HostedVolume volume = found.get();
    if (begin.partition() < 0 || begin.partition() >= volume.layout().partitions()) {
      return refused("there is no partition " + begin.partition());
    }
    Arrival arrival = new Arrival(begin.move(), from, volume, begin.partition(), begin.bytes());
    Arrival earlier;
    synchronized (this) {
      if (volume.owned().owns(begin.partition())) {
        return refused("server " + self + " owns partition " + begin.partition() + " already");
      }
      if (leaving.isLeaving(begin.volume(), begin.partition())) {
        return refused("server " + self + " is still freeing partition " + begin.partition());
      }
      Optional<String> tooMuch = tooMuch(arrival);
      if (tooMuch.isPresent()) {
        return refused(tooMuch.get());
      }
      earlier = arrivals.put(arrival.place(), arrival);
    }
    FaultPoint.reach("destination-begun");
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    Runnable clearing = () -> onThread(answer, () -> clear(arrival, answer));
    if (earlier == null) {
      clearing.run();
    } else {
      // An attempt that its source gave up: its last pieces mustn't come after the clearing.
      closed(earlier);
      earlier.whenStill(clearing);
    }
    return answer;
  }

  private Optional<String> tooMuch(Arrival arrival) {
    long expected =
        arrivals.values().stream()
            .filter(other -> !other.place().equals(arrival.place()))
            .mapToLong(other -> Math.max(0, other.bytes - other.received))
            .sum();
    if (arrivals.size() >= MAX_ARRIVALS) {
      return Optional.of("server " + self + " takes in " + MAX_ARRIVALS + " partitions already");
    }
    try {
      long free = unreservedBytes() - expected;
      return arrival.bytes <= Math.max(0, free)
          ? Optional.empty()
          : Optional.of(
              "server "
                  + self
                  + " has no room: the partition has "
                  + new ByteSize(arrival.bytes)
                  + ", and "
                  + new ByteSize(Math.max(0, free))
                  + " are free beyond the reserve");
    } catch (IOException e) {
      return Optional.of("the free space of server " + self + " isn't known: " + e.getMessage());
    }
  }

  /**
   * Whether so much can be taken and leave the reserve to those who write here; that the space
   * isn't known is for the store itself to say.
   */
  private boolean hasRoom(long bytes) {
    try {
      return bytes <= unreservedBytes();
    } catch (IOException e) {
      return true;
    }
  }

  /** What copies may take; less than 0 when the reserve itself is in use. */
  private long unreservedBytes() throws IOException {
    return room.freeBytes() - room.capacityBytes() / RESERVED_PART;
  }

  private void clear(Arrival arrival, CompletableFuture<byte[]> answer) throws StoreFailure {
    extents(arrival).clear();
    synchronized (arrival) {
      arrival.isCleared = true;
      arrival.heardNanos = System.nanoTime();
    }
    FaultPoint.reach("destination-cleared");
    answer.complete(MoveMessages.YES);
  }

  private CompletableFuture<byte[]> data(ByteBuf message) {
    try {
      return data(Data.decode(message), message)
          .whenComplete((answer, failure) -> message.release());
    } catch (RuntimeException e) {
      message.release();
      throw e;
    }
  }

  private CompletableFuture<byte[]> data(Data data, ByteBuf bytes) {
    Arrival arrival = find(data.move());
    if (arrival == null) {
      return unknown(data.move());
    }
    synchronized (arrival) {
      if (arrival.isClosed || !arrival.isCleared || data.round() <= arrival.sealedRound) {
        return refused("a piece of a round that is over");
      }
      if (arrival.volume.layout().partitionOf(data.unit()) != arrival.partition
          || data.length() > arrival.volume.layout().unitBytes() - data.offset()) {
        return refused("a piece of another partition");
      }
      arrival.writing++;
      arrival.received += data.length();
      arrival.heardNanos = System.nanoTime();
    }
    FaultPoint.reach("destination-data");
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    IoCompletion ended =
        status -> {
          arrival.written();
          if (status == IoStatus.OK) {
            answer.complete(MoveMessages.YES);
          } else {
            answer.completeExceptionally(
                refusal(
                    status == IoStatus.NO_SPACE
                        ? "server " + self + " has no room any more"
                        : "server " + self + " can't write unit " + data.unit() + ": " + status));
          }
        };
    write(arrival, data, bytes, ended);
    return answer;
  }

  /** Writes on a thread of its own: the event loop takes in what comes meanwhile. */
  private void write(Arrival arrival, Data data, ByteBuf bytes, IoCompletion ended) {
    PartitionReplica store = arrival.volume.store();
    try {
      writing.execute(
          () -> {
            if (data.offset() == 0 && !hasRoom(arrival.volume.layout().unitBytes())) {
              ended.done(IoStatus.NO_SPACE);
            } else if (data.isZero()) {
              store.zero(data.unit(), data.offset(), data.length(), ended);
            } else {
              int index = bytes.readerIndex();
              store.write(data.unit(), data.offset(), bytes, index, data.length(), ended);
            }
          });
    } catch (RejectedExecutionException e) {
      ended.done(IoStatus.UNAVAILABLE);
    }
  }

  private CompletableFuture<byte[]> seal(Seal seal) {
    Arrival arrival = find(seal.move());
    if (arrival == null) {
      return unknown(seal.move());
    }
    synchronized (arrival) {
      if (arrival.isClosed || !arrival.isCleared) {
        return refused("the copy is over");
      }
      arrival.sealedRound = Math.max(arrival.sealedRound, seal.round());
      arrival.heardNanos = System.nanoTime();
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    arrival.whenStill(
        () ->
            arrival
                .volume
                .store()
                .flush(
                    status -> {
                      if (status != IoStatus.OK) {
                        answer.completeExceptionally(
                            refusal("server " + self + " can't make the copy durable: " + status));
                        return;
                      }
                      arrival.volume.owned().raise(seal.nexuses());
                      FaultPoint.reach("destination-sealed");
                      answer.complete(MoveMessages.YES);
                    }));
    return answer;
  }

  private CompletableFuture<byte[]> commit(UUID move) {
    FaultPoint.reach("destination-committing");
    Arrival arrival = find(move);
    if (arrival == null) {
      // It has heard of the new map before, and ended the arrival by itself.
      return CompletableFuture.completedFuture(MoveMessages.YES);
    }
    return arrival
        .volume
        .refresh()
        .thenApply(
            map -> {
              if (map.entry(arrival.partition).primary().equals(self)) {
                end(arrival);
              }
              FaultPoint.reach("destination-committed");
              return MoveMessages.YES;
            });
  }

  private CompletableFuture<byte[]> abort(UUID move) {
    Arrival arrival = find(move);
    if (arrival == null) {
      return CompletableFuture.completedFuture(MoveMessages.YES);
    }
    closed(arrival);
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    // The source has said that it will not change the map.
    arrival.whenStill(
        () ->
            onThread(
                answer,
                () -> {
                  if (isCurrent(arrival)) {
                    extents(arrival).clear();
                    end(arrival);
                  }
                  answer.complete(MoveMessages.YES);
                }));
    return answer;
  }

  // ---- What was left behind.

  /** Ends what has become this server's, and frees what never will; every few seconds. */
  void lookAround() {
    try {
      for (Arrival arrival : all()) {
        if (volumes.hosted(arrival.volume.volume().id()).isEmpty()
            || arrival.volume.owned().owns(arrival.partition)) {
          // What a deleted volume had is free already.
          end(arrival);
        } else if (isSilent(arrival) && !isUnderWay(arrival.volume, arrival.partition)) {
          LOG.info(
              "the copy of partition {} of volume '{}' from {} was given up; freeing it",
              arrival.partition,
              arrival.volume.volume().name(),
              arrival.from);
          closed(arrival);
          arrival.whenStill(() -> submit(() -> freeIfAbandoned(arrival)));
        }
      }
      for (HostedVolume volume : volumes.allHosted()) {
        if (!lookedThrough.contains(volume.volume().id()) && lookThrough(volume)) {
          lookedThrough.add(volume.volume().id());
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("arriving partitions could not be looked after; trying again soon", e);
    }
  }

  private static boolean isSilent(Arrival arrival) {
    synchronized (arrival) {
      return arrival.isClosed
          || (arrival.isCleared && System.nanoTime() - arrival.heardNanos > SILENCE.toNanos());
    }
  }

  private void freeIfAbandoned(Arrival arrival) {
    if (!isCurrent(arrival)) {
      return;
    }
    try {
      if (free(current(arrival), arrival.partition)) {
        end(arrival);
      }
    } catch (StoreFailure e) {
      LOG.warn("a copy that was given up can't be freed yet: {}", e.getMessage());
    }
  }

  /**
   * Frees what the volume has here of partitions that others own: left by a process that was
   * killed.
   *
   * @return false if it has to be looked at again later
   */
  private boolean lookThrough(HostedVolume volume) {
    boolean isDone = true;
    for (int partition = 0; partition < volume.layout().partitions(); partition++) {
      try {
        if (!volume.owned().owns(partition)
            && !leaving.isLeaving(volume.volume().id(), partition)
            && !isArriving(new Place(volume.volume().id(), partition))
            && !new PartitionExtents(volume, partition).allocated().isEmpty()) {
          isDone &= !isUnderWay(volume, partition) && free(volume, partition);
        }
      } catch (StoreFailure e) {
        LOG.warn("leftovers of volume '{}' stay: {}", volume.volume().name(), e.getMessage());
        isDone = false;
      }
    }
    return isDone;
  }

  /** Frees the partition's extents if the newest map says that they are nobody's. */
  private boolean free(HostedVolume volume, int partition) throws StoreFailure {
    PartitionMap map = newest(volume);
    if (map == null) {
      return false;
    }
    if (map.entry(partition).replicas().contains(self) || volume.owned().owns(partition)) {
      return true;
    }
    new PartitionExtents(volume, partition).clear();
    LOG.info(
        "freed what was left here of partition {} of volume '{}', which {} owns",
        partition,
        volume.volume().name(),
        map.entry(partition).primary());
    return true;
  }

  /** Asks the owner whether it is giving the partition to this server; when in doubt it is. */
  private boolean isUnderWay(HostedVolume volume, int partition) {
    PartitionMap map = newest(volume);
    if (map == null) {
      return true;
    }
    ServerId owner = map.entry(partition).primary();
    if (owner.equals(self)) {
      return false;
    }
    try {
      byte[] answer =
          calls
              .call(
                  owner,
                  MoveMessages.IS_UNDER_WAY,
                  MoveMessages.question(volume.volume().id(), partition),
                  CALL_LIMIT)
              .get(CALL_LIMIT.toMillis() + 1000, TimeUnit.MILLISECONDS);
      return !Arrays.equals(answer, MoveMessages.NO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("server {} doesn't say whether it moves partition {}", owner, partition, e);
      return true;
    }
  }

  private static @Nullable PartitionMap newest(HostedVolume volume) {
    try {
      return volume.refresh().get(CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("the map of volume '{}' can't be read now", volume.volume().name(), e);
      return null;
    }
  }

  /** The volume as it is now: it may have grown since the copy began. */
  private HostedVolume current(Arrival arrival) {
    return volumes.hosted(arrival.volume.volume().id()).orElse(arrival.volume);
  }

  private PartitionExtents extents(Arrival arrival) {
    return new PartitionExtents(current(arrival), arrival.partition);
  }

  // ---- The table.

  /** How many copies are coming in. */
  synchronized int count() {
    return arrivals.size();
  }

  private synchronized List<Arrival> all() {
    return List.copyOf(arrivals.values());
  }

  private synchronized @Nullable Arrival find(UUID move) {
    for (Arrival arrival : arrivals.values()) {
      if (arrival.move.equals(move)) {
        return arrival;
      }
    }
    return null;
  }

  private synchronized boolean isArriving(Place place) {
    return arrivals.containsKey(place);
  }

  private synchronized boolean isCurrent(Arrival arrival) {
    return arrivals.get(arrival.place()) == arrival;
  }

  private void end(Arrival arrival) {
    closed(arrival);
    synchronized (this) {
      arrivals.remove(arrival.place(), arrival);
    }
  }

  private static void closed(Arrival arrival) {
    synchronized (arrival) {
      arrival.isClosed = true;
    }
  }

  private interface Work {
    void run() throws StoreFailure;
  }

  private void onThread(CompletableFuture<byte[]> answer, Work work) {
    submit(
        () -> {
          try {
            work.run();
          } catch (StoreFailure | RuntimeException e) {
            answer.completeExceptionally(refusal("server " + self + ": " + e.getMessage()));
          }
        });
  }

  private void submit(Runnable work) {
    try {
      thread.execute(work);
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping; what is left is freed after the next start");
    }
  }

  private static CompletableFuture<byte[]> unknown(UUID move) {
    return refused("no copy " + move + " is coming in; this server may have been restarted");
  }

  private static CompletableFuture<byte[]> refused(String reason) {
    return CompletableFuture.failedFuture(refusal(reason));
  }

  private static PeerException refusal(String reason) {
    return new PeerException(PeerException.Reason.REFUSED, reason);
  }
}
