package io.sandrift.server.block;

import io.netty.buffer.Unpooled;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.partition.PartitionMap;
import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A FLUSH or an ALLOCATION: asks all owners of a range at once, and has ended when all have. One
 * owner's failure is the whole's.
 *
 * <p>Each is told the version of the map by which they were chosen. One that has given any of its
 * partitions away by a newer map answers MOVED, and then all are asked anew by that map, since the
 * partition may be at a server that was not asked. So when all have answered OK, then each
 * partition of the range was, at some moment after the request began, at the owner that was asked
 * and nowhere later:
 *
 * <ul>
 *   <li>Whatever had been acknowledged before the request began was written at that owner, which
 *       has flushed it since, or at an earlier one.
 *   <li>Whatever an earlier owner had acknowledged was copied to the next, and flushed there,
 *       before the map named the next (the "seal" of a move). That holds also for an owner that has
 *       not heard yet that the partition is its own: there is nothing newer then.
 * </ul>
 *
 * <p>An owner is asked even when this nexus has written nothing there: SYNCHRONIZE CACHE (SBC-3
 * 5.22) covers what any nexus wrote, through whichever server, and only the owner knows. One that
 * has nothing to sync says so at once, without touching its disk.
 */
final class RangeRequest extends RoutedRequest {

  private final RoutedReplica route;
  private final long last;
  private final AllocationCompletion completion;

  /** Units, from the first on, that have an extent at their owner. Guarded by itself. */
  private final BitSet found = new BitSet();

  /**
   * @param first unit of the range
   * @param last unit; beyond as many units as there are partitions, all owners are asked anyway
   */
  RangeRequest(
      RoutedReplica route,
      Operation operation,
      long first,
      long last,
      AllocationCompletion completion) {
    super(
        route,
        operation,
        first,
        0,
        Unpooled.EMPTY_BUFFER,
        0,
        operation == Operation.ALLOCATION ? Math.toIntExact(last - first + 1) : 0);
    this.route = route;
    this.last = last;
    this.completion = completion;
  }

  @Override
  void ask(PartitionMap by) {
    begin();
    synchronized (found) {
      found.clear();
    }
    Set<ServerId> owners = route.owners(by, unit(), last);
    Round round = new Round(by, owners.size());
    for (ServerId owner : owners) {
      route.submit(owner, new Part(round, owner));
    }
  }

  @Override
  void finish(IoStatus status) {
    completion.done(status, found);
  }

  private record Failure(IoStatus status, boolean wasHere) {}

  /** One attempt, by one map. */
  private final class Round {

    private final PartitionMap map;
    private final AtomicInteger remaining;
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();

    Round(PartitionMap map, int owners) {
      this.map = map;
      this.remaining = new AtomicInteger(owners);
    }

    void answered(Part part, IoStatus status) {
      if (status == IoStatus.OK) {
        collect(part);
      } else {
        failure.accumulateAndGet(new Failure(status, route.isHere(part.owner)), this::worse);
      }
      if (remaining.decrementAndGet() == 0) {
        Failure worst = failure.get();
        if (worst == null) {
          finish(IoStatus.OK);
        } else {
          ended(worst.status, worst.wasHere);
        }
      }
    }

    /** What can't be mended by another attempt outweighs what can. */
    private Failure worse(@Nullable Failure known, Failure another) {
      return known == null || mayBeTriedAgain(known.status, known.wasHere) ? another : known;
    }

    /** An owner may have leftovers of partitions that are others'. */
    private void collect(Part part) {
      BitSet its = part.allocated();
      synchronized (found) {
        for (int i = its.nextSetBit(0); i >= 0; i = its.nextSetBit(i + 1)) {
          if (route.owner(map, unit() + i).equals(part.owner)) {
            found.set(i);
          }
        }
      }
    }
  }

  /** What one owner is asked. */
  private final class Part extends BlockRequest {

    private final Round round;
    private final ServerId owner;

    Part(Round round, ServerId owner) {
      super(
          RangeRequest.this.operation(),
          RangeRequest.this.unit(),
          0,
          Unpooled.EMPTY_BUFFER,
          0,
          RangeRequest.this.length());
      this.round = round;
      this.owner = owner;
      setEpoch(round.map.version());
    }

    @Override
    public void end(IoStatus status) {
      round.answered(this, status);
    }
  }
}
