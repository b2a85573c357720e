package io.sandrift.server.block;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An owner's memory of one volume's nexuses: the gate of each that is open, and of each the highest
 * epoch that was ever let in. Safe for all threads.
 *
 * <p>Highest epochs are kept for the last {@link #REMEMBERED} nexuses that left. Beyond that, the
 * floor rises to the epoch that is forgotten: a nexus of a lower one that comes only now is
 * refused, since it can't be told from one that has been fenced. Its initiator logs in anew, which
 * is all that it costs.
 */
final class NexusGates {

  static final int REMEMBERED = 4096;

  /** More logins than these at once go on without waiting; see {@link #hold}. */
  private static final int MAX_WAITING = 10_000;

  private final Map<String, NexusGate> open = new HashMap<>();
  private final LinkedHashMap<String, Long> left = new LinkedHashMap<>();
  private long floor;

  /**
   * Logins that wait for the end of handing over; null while none is under way. Guarded by this.
   */
  private @Nullable List<Runnable> waiting;

  private int holders;

  /**
   * Lets a nexus in at an epoch; shuts the gate that it had, and answers when that one's last
   * request has ended. The same epoch may come again: over another connection, after the first was
   * lost with requests in it. Should what was sent over the first come only after that, then it is
   * refused, too, by its number.
   *
   * @param opening grows with each opening of this nexus at this epoch
   * @param onFenced told when a newer login shuts the gate
   * @param answer receives the gate, or null when a newer epoch or opening was here already
   */
  void open(
      String nexus,
      long epoch,
      int opening,
      @Nullable Runnable onFenced,
      Consumer<@Nullable NexusGate> answer) {
    NexusGate opened;
    NexusGate older;
    synchronized (this) {
      if (waiting != null && waiting.size() < MAX_WAITING) {
        waiting.add(() -> open(nexus, epoch, opening, onFenced, answer));
        return;
      }
      older = open.get(nexus);
      long highest = older == null ? left.getOrDefault(nexus, floor) : older.epoch();
      boolean isLate = older != null && epoch == highest && opening < older.opening();
      if (epoch < highest || isLate) {
        opened = null;
      } else {
        opened = new NexusGate(nexus, epoch, opening, onFenced);
        if (older != null) {
          // Counts as under way until the older one is quiet: should a still newer login shut this
          // gate meanwhile, that login must wait for the older one's requests as well.
          opened.enter();
        }
        left.remove(nexus);
        open.put(nexus, opened);
      }
    }
    if (opened == null || older == null) {
      answer.accept(opened);
    } else {
      older.shut(
          older.epoch() < epoch,
          () -> {
            answer.accept(opened.isShut() ? null : opened);
            opened.leave();
          });
    }
  }

  /** The nexus has left; what it has under way goes on to its end. */
  void close(NexusGate gate) {
    gate.shut(false, () -> forget(gate));
  }

  /**
   * What is known of all nexuses. Until {@link #release}, nothing is added to it: so whoever is
   * told of it knows all that this owner has fenced while it was the owner.
   */
  synchronized Map<String, Long> hold() {
    if (waiting == null) {
      waiting = new ArrayList<>();
    }
    holders++;
    Map<String, Long> epochs = new HashMap<>(left);
    open.forEach((nexus, gate) -> epochs.put(nexus, gate.epoch()));
    return epochs;
  }

  /** Ends what {@link #hold} began; the logins that came meanwhile go on. */
  void release() {
    List<Runnable> released = List.of();
    synchronized (this) {
      if (--holders == 0 && waiting != null) {
        released = waiting;
        waiting = null;
      }
    }
    released.forEach(Runnable::run);
  }

  /** Shuts the gates of nexuses that have a newer epoch elsewhere. */
  void raise(Map<String, Long> epochs) {
    List<NexusGate> fenced = new ArrayList<>();
    synchronized (this) {
      epochs.forEach(
          (nexus, epoch) -> {
            NexusGate gate = open.get(nexus);
            if (gate != null && gate.epoch() < epoch) {
              open.remove(nexus);
              left.put(nexus, epoch);
              fenced.add(gate);
            } else if (gate == null && left.getOrDefault(nexus, floor) < epoch) {
              left.put(nexus, epoch);
            }
          });
      bound();
    }
    fenced.forEach(gate -> gate.shut(true, () -> {}));
  }

  private void bound() {
    while (left.size() > REMEMBERED) {
      var eldest = left.entrySet().iterator();
      floor = Math.max(floor, eldest.next().getValue() + 1);
      eldest.remove();
    }
  }

  private synchronized void forget(NexusGate gate) {
    if (!open.remove(gate.nexus(), gate)) {
      return;
    }
    left.put(gate.nexus(), gate.epoch());
    bound();
  }
}
