package io.sandrift.server.block;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This server's share of one volume, as an owner: every request to it, of a session here or of
 * another server, passes {@link #submit}. Safe for all threads.
 *
 * <p>A request passes two gates. That of its nexus is shut once the nexus has logged in anew, at
 * any server: so what an earlier login left behind can't land after what the later one wrote. That
 * of its partition is open only while this server is the owner. An owner is always sure of that: no
 * map changes a partition's owner but by a move in which the owner takes part. So a server that has
 * lost ZooKeeper goes on serving what it owns.
 */
public final class OwnedVolume {

  private final ServerId self;
  private final StripeLayout layout;
  private final PartitionReplica store;
  private final PartitionGate[] partitions;
  private final NexusGates nexuses = new NexusGates();

  /**
   * @param store holds the bytes; asked only for units of partitions that are owned
   * @param map as it is now; see {@link #follow}
   */
  public OwnedVolume(ServerId self, StripeLayout layout, PartitionReplica store, PartitionMap map) {
    this.self = self;
    this.layout = layout;
    this.store = store;
    this.partitions = new PartitionGate[layout.partitions()];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new PartitionGate(map.version());
    }
    follow(map);
  }

  /**
   * Takes over what a newer map says; older ones, and frozen partitions, are left as they are: a
   * move ends by itself.
   */
  public synchronized void follow(PartitionMap map) {
    for (int i = 0; i < partitions.length; i++) {
      PartitionEntry entry = map.entry(i);
      PartitionGate gate = partitions[i];
      if (entry.epoch() <= gate.epoch() || gate.isFrozen()) {
        continue;
      }
      if (entry.primary().equals(self)) {
        gate.own(entry.epoch());
      } else {
        gate.leave(entry.epoch(), map.version());
      }
    }
  }

  /** Lets a nexus in; see {@link NexusGates#open}. While a partition is handed over, it waits. */
  public void open(
      String nexus,
      long epoch,
      int opening,
      @Nullable Runnable onFenced,
      Consumer<@Nullable NexusGate> answer) {
    nexuses.open(nexus, epoch, opening, onFenced, answer);
  }

  /**
   * Shuts the gates of nexuses that have logged in anew elsewhere, and remembers their epochs: the
   * word of a server that hands a partition over, and that knew of them.
   */
  public void raise(Map<String, Long> epochs) {
    nexuses.raise(epochs);
  }

  /** Whether requests to the partition are carried out here, now or when it thaws. */
  public boolean owns(int partition) {
    return partitions[partition].isOpen() || partitions[partition].isFrozen();
  }

  /** What passed through a partition since this server's start. */
  public PartitionTraffic traffic(int partition) {
    PartitionGate gate = partitions[partition];
    return new PartitionTraffic(
        gate.reads.sum(), gate.writes.sum(), gate.bytesRead.sum(), gate.bytesWritten.sum());
  }

  /**
   * Begins to hand a partition over to another server; one at a time for each partition.
   *
   * @param changes told of each change from now on, before it is acknowledged
   * @return null if the partition isn't this server's, or is being handed over already
   */
  public @Nullable PartitionHandover handOver(
      int partition, PartitionHandover.ChangeListener changes) {
    PartitionGate gate = partitions[partition];
    return gate.listen(changes) ? new PartitionHandover(gate, nexuses) : null;
  }

  /** The nexus has left. */
  public void close(NexusGate gate) {
    nexuses.close(gate);
  }

  /**
   * Carries a request out, or says why not: FENCED, MOVED, or what the store says.
   *
   * @param gate that of the nexus which asks
   */
  public void submit(NexusGate gate, BlockRequest request) {
    if (!gate.enter()) {
      request.end(IoStatus.FENCED);
      return;
    }
    switch (request.operation()) {
      case FLUSH, ALLOCATION -> toAll(gate, request);
      default -> toPartition(gate, request);
    }
  }

  /** What the partitions that are served here have done; those without any request are left out. */
  public List<PartitionActivity> activity() {
    List<PartitionActivity> activity = new ArrayList<>();
    for (int i = 0; i < partitions.length; i++) {
      PartitionGate gate = partitions[i];
      long operations = gate.reads.sum() + gate.writes.sum();
      if (operations > 0 && gate.isOpen()) {
        activity.add(
            new PartitionActivity(
                i, operations, gate.bytesRead.sum() + gate.bytesWritten.sum(), gate.underWay()));
      }
    }
    return activity;
  }

  /** The partition that a request's unit belongs to. */
  PartitionGate partition(long unit) {
    return partitions[layout.partitionOf(unit)];
  }

  PartitionGate partitionNumber(int partition) {
    return partitions[partition];
  }

  private void toPartition(NexusGate gate, BlockRequest request) {
    PartitionGate partition = partition(request.unit());
    PartitionGate.Entry entry = partition.enter(request.epoch(), () -> retry(gate, request));
    if (entry == PartitionGate.Entry.IN) {
      enterTheRest(gate, partition, request);
    } else {
      notLetIn(gate, request, entry, IoStatus.MOVED);
    }
  }

  /**
   * Carries out what concerns all partitions here, if all that the sender's map places here still
   * are; {@link RangeRequest} says what follows from that. A partition that is on its way is waited
   * for: until it has left or stays, nobody knows whether somebody else has acknowledged writes of
   * it.
   */
  private void toAll(NexusGate gate, BlockRequest request) {
    Runnable retry = () -> retry(gate, request);
    for (PartitionGate partition : partitions) {
      PartitionGate.Entry entry = partition.pass(request.epoch(), retry);
      if (entry != PartitionGate.Entry.IN) {
        notLetIn(gate, request, entry, IoStatus.MOVED);
        return;
      }
    }
    if (request.operation() == BlockRequest.Operation.FLUSH) {
      store.flush(
          status -> {
            gate.leave();
            request.end(status);
          });
    } else {
      store.allocation(
          request.unit(),
          request.length(),
          (status, allocated) -> {
            gate.leave();
            request.setAllocated(allocated);
            request.end(status);
          });
    }
  }

  /** What a partition held asks again. */
  private void retry(NexusGate gate, BlockRequest request) {
    gate.leave();
    submit(gate, request);
  }

  /**
   * @param otherwise the answer where the partition isn't here
   */
  private static void notLetIn(
      NexusGate gate, BlockRequest request, PartitionGate.Entry entry, IoStatus otherwise) {
    if (entry == PartitionGate.Entry.HELD) {
      // It stays counted at the nexus's gate, so that a newer login waits for it.
      return;
    }
    gate.leave();
    request.end(entry == PartitionGate.Entry.FULL ? IoStatus.UNAVAILABLE : otherwise);
  }

  /**
   * An atomic request may go on in the units behind its first: it passes the gates of their
   * partitions as well, and if they aren't all here, nobody can carry it out.
   */
  private void enterTheRest(NexusGate gate, PartitionGate first, BlockRequest request) {
    long last = request.unit() + (request.offset() + request.length() - 1L) / layout.unitBytes();
    if (last == request.unit()) {
      carryOut(gate, first, request, first::leave);
      return;
    }
    Set<PartitionGate> entered = new LinkedHashSet<>();
    entered.add(first);
    for (long unit = request.unit() + 1; unit <= last; unit++) {
      PartitionGate next = partition(unit);
      if (entered.contains(next)) {
        continue;
      }
      PartitionGate.Entry entry = next.enter(next.epoch(), () -> retry(gate, request));
      if (entry != PartitionGate.Entry.IN) {
        entered.forEach(PartitionGate::leave);
        notLetIn(gate, request, entry, IoStatus.SPLIT);
        return;
      }
      entered.add(next);
    }
    carryOut(gate, first, request, () -> entered.forEach(PartitionGate::leave));
  }

  /**
   * Whether a request of another server lies within what {@link PartitionReplica} allows; who sends
   * one that doesn't is broken.
   */
  public boolean allows(BlockRequest.Operation operation, int offset, int length) {
    return switch (operation) {
      case READ, WRITE, ZERO -> (long) offset + length <= layout.unitBytes();
      case WRITE_ATOMIC, COMPARE_AND_WRITE, OR -> offset < layout.unitBytes();
      case FLUSH, ALLOCATION -> true;
    };
  }

  private void carryOut(
      NexusGate gate, PartitionGate partition, BlockRequest request, Runnable leave) {
    long unit = request.unit();
    int offset = request.offset();
    int length = request.length();
    IoCompletion ended =
        status -> {
          if (request.operation().isChange()) {
            partition.writes.increment();
            partition.bytesWritten.add(length);
            changed(unit, offset, length);
          } else {
            partition.reads.increment();
            partition.bytesRead.add(length);
          }
          leave.run();
          gate.leave();
          request.end(status);
        };
    switch (request.operation()) {
      case READ -> store.read(unit, offset, request.buffer(), request.index(), length, ended);
      case WRITE -> store.write(unit, offset, request.buffer(), request.index(), length, ended);
      case WRITE_ATOMIC ->
          store.writeAtomic(unit, offset, request.buffer(), request.index(), length, ended);
      case OR -> store.or(unit, offset, request.buffer(), request.index(), length, ended);
      case ZERO -> store.zero(unit, offset, length, ended);
      case COMPARE_AND_WRITE ->
          store.compareAndWrite(
              unit,
              offset,
              request.buffer(),
              request.index(),
              length,
              (status, mismatch) -> {
                request.setMismatchOffset(mismatch);
                ended.done(status);
              });
      case FLUSH, ALLOCATION -> throw new IllegalArgumentException("not a partition's");
    }
  }

  /** Tells whoever copies the partitions away; a request may reach into several units. */
  private void changed(long unit, int offset, int length) {
    long at = unit;
    int from = offset;
    for (int left = length; left > 0; at++, from = 0) {
      int here = Math.min(left, layout.unitBytes() - from);
      partition(at).changed(at, from, here);
      left -= here;
    }
  }
}
