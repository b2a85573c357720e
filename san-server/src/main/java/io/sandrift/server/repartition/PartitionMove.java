package io.sandrift.server.repartition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionHandover;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.repartition.DirtyPieces.Piece;
import io.sandrift.server.repartition.MoveMessages.Begin;
import io.sandrift.server.repartition.MoveMessages.Data;
import io.sandrift.server.repartition.MoveMessages.Seal;
import io.sandrift.server.repartition.PartitionExtents.StoreFailure;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to move one partition away from this server; see the package for the protocol. Runs
 * on the thread of the agent; {@link #copiedBytes} and the like may be asked on any.
 *
 * <p>The map changes by compare-and-set against the very epoch under which this server owned the
 * partition as the attempt began. When it isn't known whether that was done, as ZooKeeper gave no
 * answer, the partition stays frozen until it is: until then nobody can say whose it is.
 */
final class PartitionMove {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionMove.class);

  private static final Duration CALL_LIMIT = Duration.ofSeconds(20);

  /** Clearing what an earlier copy left takes a while. */
  private static final Duration BEGIN_LIMIT = Duration.ofMinutes(2);

  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(10);

  /** How long requests may be held for the last round, and for those under way to end. */
  private static final Duration FREEZE_LIMIT = Duration.ofSeconds(2);

  private static final Duration QUIET_LIMIT = Duration.ofSeconds(1);

  /** So little is left that it is copied while requests are held. */
  private static final long LAST_ROUND_BYTES = 4 << 20;

  private static final int MAX_ROUNDS = 30;
  private static final int MAX_FREEZES = 5;

  /** Pieces under way at once. */
  private static final int WINDOW = 4;

  private static final long CERTAINTY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ServerId self;
  private final HostedVolume volume;
  private final int partition;
  private final ServerId to;
  private final PeerCalls calls;
  private final PartitionMaps maps;
  private final Pace pace;
  private final Supplier<HostedVolume> now;
  private final BooleanSupplier isWanted;
  private final BooleanSupplier isStopping;
  private final UUID id = UUID.randomUUID();
  private final DirtyPieces dirty;
  private final ByteBuf zeros;
  private final ArrayDeque<CompletableFuture<byte[]>> underWay = new ArrayDeque<>();
  private int round;
  private final AtomicLong copied = new AtomicLong();
  private final AtomicLong total = new AtomicLong();

  /** The attempt is given up; the message says why. */
  private static final class GivenUp extends Exception {
    GivenUp(String message) {
      super(message);
    }
  }

  /**
   * @param isWanted asked often; once false, the attempt is broken off unless the map was changed
   * @param isStopping whether this server is going to end
   */
  PartitionMove(
      ServerId self,
      HostedVolume volume,
      int partition,
      ServerId to,
      PeerCalls calls,
      PartitionMaps maps,
      Pace pace,
      Supplier<HostedVolume> now,
      BooleanSupplier isWanted,
      BooleanSupplier isStopping) {
    this.self = self;
    this.volume = volume;
    this.partition = partition;
    this.to = to;
    this.calls = calls;
    this.maps = maps;
    this.pace = pace;
    this.now = now;
    this.isWanted = isWanted;
    this.isStopping = isStopping;
    this.dirty = new DirtyPieces(volume.layout().unitBytes());
    this.zeros = Unpooled.wrappedBuffer(new byte[dirty.pieceBytes()]);
  }

  /** Identifies the attempt at the destination. */
  UUID id() {
    return id;
  }

  long copiedBytes() {
    return copied.get();
  }

  /** What is to be copied, as far as is known. */
  long totalBytes() {
    return total.get();
  }

  ServerId to() {
    return to;
  }

  HostedVolume volume() {
    return volume;
  }

  int partition() {
    return partition;
  }

  /** Makes the attempt. */
  MoveOutcome run() {
    PartitionHandover handover = volume.owned().handOver(partition, dirty);
    if (handover == null) {
      return new MoveOutcome.Stayed("this server isn't the owner");
    }
    try (handover) {
      long epoch = handover.epoch();
      copy(epoch);
      for (int freeze = 1; ; freeze++) {
        rounds();
        Optional<MoveOutcome> outcome = handOver(handover, epoch, freeze == MAX_FREEZES);
        if (outcome.isPresent()) {
          return outcome.get();
        }
      }
    } catch (GivenUp | StoreFailure e) {
      settle();
      abort();
      return new MoveOutcome.Stayed(String.valueOf(e.getMessage()));
    }
  }

  // ---- Copying.

  private void copy(long epoch) throws GivenUp, StoreFailure {
    List<Long> units = new PartitionExtents(volume, partition).allocated();
    total.set(units.size() * (long) volume.layout().unitBytes());
    ask(
        MoveMessages.BEGIN,
        new Begin(id, volume.volume().id(), partition, epoch, total.get()).encode(),
        BEGIN_LIMIT);
    FaultPoint.reach("source-begun");
    for (long unit : units) {
      for (Piece piece : dirty.all(unit)) {
        // The destination has nothing yet, which reads as zeros.
        send(piece, false, true);
        copied.addAndGet(piece.length());
      }
    }
    drain();
    FaultPoint.reach("source-copied");
  }

  /** Copies what changes, until little is left. */
  private void rounds() throws GivenUp, StoreFailure {
    long before = Long.MAX_VALUE;
    for (int i = 0; i < MAX_ROUNDS; i++) {
      List<Piece> pieces = dirty.take();
      long bytes = pieces.stream().mapToLong(Piece::length).sum();
      total.addAndGet(bytes);
      for (Piece piece : pieces) {
        send(piece, true, bytes < before);
        copied.addAndGet(piece.length());
      }
      drain();
      if (bytes <= LAST_ROUND_BYTES) {
        // So that the flush while requests are held has little to do.
        seal(Map.of());
        return;
      }
      before = bytes;
    }
    throw new GivenUp(
        "it is written faster than it can be copied; let the copying go faster (sandrift"
            + " repartition rate), or wait for quieter times");
  }

  /**
   * Sends a piece.
   *
   * @param sendsZeros whether the destination may have something else there
   * @param isPaced whether it has time
   */
  private void send(Piece piece, boolean sendsZeros, boolean isPaced) throws GivenUp, StoreFailure {
    if (!isPaced) {
      pace.hurry();
    }
    if (isPaced ? !pace.await(piece.length(), isWanted) : !isWanted.getAsBoolean()) {
      throw new GivenUp("it was broken off");
    }
    ByteBuf message = read(piece);
    boolean isZero = isZero(message);
    if (isZero && !sendsZeros) {
      message.release();
      return;
    }
    new Data(id, round, piece.unit(), piece.offset(), piece.length(), isZero).putHeader(message, 0);
    if (isZero) {
      message.writerIndex(MoveMessages.DATA_HEADER_BYTES);
    }
    underWay.add(calls.callWith(to, MoveMessages.DATA, message, CALL_LIMIT));
    while (underWay.size() >= WINDOW) {
      await(underWay.remove(), CALL_LIMIT);
    }
  }

  /** A message with the piece's bytes, and room for its header. */
  private ByteBuf read(Piece piece) throws StoreFailure {
    int size = MoveMessages.DATA_HEADER_BYTES + piece.length();
    ByteBuf message = ByteBufAllocator.DEFAULT.directBuffer(size, size).writerIndex(size);
    CompletableFuture<IoStatus> read = new CompletableFuture<>();
    try {
      volume
          .store()
          .read(
              piece.unit(),
              piece.offset(),
              message,
              MoveMessages.DATA_HEADER_BYTES,
              piece.length(),
              read::complete);
    } catch (RuntimeException e) {
      message.release();
      throw e;
    }
    try {
      PartitionExtents.require(read, "unit " + piece.unit() + " can't be read");
      return message;
    } catch (StoreFailure e) {
      // It may be the disk that is late, and still fills the buffer.
      read.whenComplete((status, failure) -> message.release());
      throw e;
    }
  }

  private boolean isZero(ByteBuf message) {
    int header = MoveMessages.DATA_HEADER_BYTES;
    return ByteBufUtil.equals(message, header, zeros, 0, message.writerIndex() - header);
  }

  private void drain() throws GivenUp {
    while (!underWay.isEmpty()) {
      await(underWay.remove(), CALL_LIMIT);
    }
  }

  /** Waits for whatever is under way to be over, however it ends. */
  private void settle() {
    while (!underWay.isEmpty()) {
      try {
        await(underWay.remove(), CALL_LIMIT);
      } catch (GivenUp e) {
        LOG.debug("a piece was not copied: {}", e.getMessage());
      }
    }
  }

  private void seal(Map<String, Long> nexuses) throws GivenUp {
    ask(MoveMessages.SEAL, new Seal(id, round, nexuses).encode(), CALL_LIMIT);
    round++;
  }

  // ---- Handing over.

  /**
   * @return empty when the partition was thawed again, as it took too long, and may be tried again
   */
  private Optional<MoveOutcome> handOver(PartitionHandover handover, long epoch, boolean isLast)
      throws GivenUp, StoreFailure {
    FaultPoint.reach("source-freezing");
    long deadline = System.nanoTime() + FREEZE_LIMIT.toNanos();
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    if (!handover.freeze(() -> quiet.complete(null))) {
      throw new GivenUp("this server isn't the owner any more");
    }
    boolean isCertain = true;
    try {
      FaultPoint.reach("source-frozen");
      if (!isQuiet(quiet) || !lastRound(deadline)) {
        if (isLast) {
          throw new GivenUp("its last changes could not be copied within " + FREEZE_LIMIT);
        }
        return Optional.empty();
      }
      FaultPoint.reach("source-last-round");
      ask(
          MoveMessages.SEAL,
          new Seal(id, round, handover.holdLogins()).encode(),
          Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime())));
      round++;
      FaultPoint.reach("source-sealed");
      isCertain = false;
      return Optional.of(change(handover, epoch));
    } finally {
      if (isCertain) {
        handover.thaw();
      }
    }
  }

  private static boolean isQuiet(CompletableFuture<Void> quiet) {
    try {
      quiet.get(QUIET_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private boolean lastRound(long deadline) throws GivenUp, StoreFailure {
    List<Piece> pieces = dirty.take();
    for (int i = 0; i < pieces.size(); i++) {
      if (System.nanoTime() - deadline > 0) {
        // What was taken and not sent has to be sent in the next round.
        for (Piece left : pieces.subList(i, pieces.size())) {
          dirty.changed(left.unit(), left.offset(), left.length());
        }
        drain();
        return false;
      }
      send(pieces.get(i), true, false);
    }
    drain();
    return System.nanoTime() - deadline <= 0;
  }

  private MoveOutcome change(PartitionHandover handover, long epoch) {
    while (!isStopping.getAsBoolean()) {
      try {
        Optional<PartitionMap> found = maps.find(volume.volume().name());
        if (found.isEmpty() || !found.get().volume().equals(volume.volume().id())) {
          handover.thaw();
          return new MoveOutcome.Stayed("the volume was deleted");
        }
        PartitionEntry entry = found.get().entry(partition);
        if (entry.epoch() != epoch) {
          return changedAlready(handover, found.get(), epoch);
        }
        PartitionMap moved =
            found.get().moved(partition, replaced(entry.replicas()), replaced(entry.inSync()));
        Optional<PartitionMap> done = maps.replace(volume.volume().name(), moved);
        if (done.isPresent()) {
          return gone(handover, done.get());
        }
        // Another partition of the volume moved at the same time: look again.
      } catch (CatalogException e) {
        LOG.warn(
            "partition {} of volume '{}' is held until ZooKeeper says whose it is: {}",
            partition,
            volume.volume().name(),
            e.getMessage());
        LockSupport.parkNanos(CERTAINTY_PAUSE_NANOS);
      }
    }
    return new MoveOutcome.Stayed("this server is stopping");
  }

  private List<ServerId> replaced(List<ServerId> servers) {
    return servers.stream().map(server -> server.equals(self) ? to : server).toList();
  }

  /** The map's entry is another one than this server owned the partition by. */
  private MoveOutcome changedAlready(PartitionHandover handover, PartitionMap map, long epoch) {
    PartitionEntry entry = map.entry(partition);
    if (entry.epoch() == epoch + 1 && entry.primary().equals(to)) {
      // An attempt of ours whose answer was lost.
      return gone(handover, map);
    }
    if (self.equals(entry.primary())) {
      handover.keep(entry.epoch());
    } else {
      handover.left(entry.epoch(), map.version());
    }
    abort();
    return new MoveOutcome.Stayed("the partition map was changed by somebody else");
  }

  private MoveOutcome gone(PartitionHandover handover, PartitionMap moved) {
    FaultPoint.reach("source-changed");
    handover.left(moved.entry(partition).epoch(), moved.version());
    try {
      ask(MoveMessages.COMMIT, MoveMessages.of(id), COMMIT_LIMIT);
    } catch (GivenUp e) {
      // It hears of it from ZooKeeper as well.
      LOG.info("server {} was not told of its new partition: {}", to, e.getMessage());
    }
    FaultPoint.reach("source-told");
    try {
      new PartitionExtents(now.get(), partition).clear();
    } catch (StoreFailure e) {
      LOG.warn(
          "partition {} of volume '{}' has moved to {}, but not all of its extents here are free:"
              + " {}",
          partition,
          volume.volume().name(),
          to,
          e.getMessage());
    }
    FaultPoint.reach("source-freed");
    return new MoveOutcome.Moved(copied.get());
  }

  private void abort() {
    try {
      ask(MoveMessages.ABORT, MoveMessages.of(id), CALL_LIMIT);
    } catch (GivenUp e) {
      // It asks when it hears nothing more.
      LOG.debug("server {} was not told that the move is off: {}", to, e.getMessage());
    }
  }

  // ---- Asking the destination.

  private byte[] ask(String topic, byte[] message, Duration limit) throws GivenUp {
    return await(calls.call(to, topic, message, limit), limit);
  }

  private static byte[] await(CompletableFuture<byte[]> answer, Duration limit) throws GivenUp {
    try {
      return answer.get(limit.toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GivenUp("this server is stopping");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new GivenUp(
          cause instanceof PeerException ? String.valueOf(cause.getMessage()) : cause.toString());
    } catch (TimeoutException e) {
      throw new GivenUp("no answer within " + limit.toSeconds() + " s");
    }
  }
}
