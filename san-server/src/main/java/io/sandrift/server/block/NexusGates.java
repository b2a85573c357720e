package io.sandrift.server.block;

import java.util.HashMap;
import java.util.LinkedHashMap;
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

  private final Map<String, NexusGate> open = new HashMap<>();
  private final LinkedHashMap<String, Long> left = new LinkedHashMap<>();
  private long floor;

  /**
   * Lets a nexus in at an epoch; shuts the gate that it had, and answers when that one's last
   * request has ended. The same epoch may come again: over another connection, after the first was
   * lost with requests in it.
   *
   * @param onFenced told when a newer login shuts the gate
   * @param answer receives the gate, or null when a newer epoch was here already
   */
  void open(
      String nexus, long epoch, @Nullable Runnable onFenced, Consumer<@Nullable NexusGate> answer) {
    NexusGate opened;
    NexusGate older;
    synchronized (this) {
      older = open.get(nexus);
      long highest = older == null ? left.getOrDefault(nexus, floor) : older.epoch();
      if (epoch < highest) {
        opened = null;
      } else {
        opened = new NexusGate(nexus, epoch, onFenced);
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

  private synchronized void forget(NexusGate gate) {
    if (!open.remove(gate.nexus(), gate)) {
      return;
    }
    left.put(gate.nexus(), gate.epoch());
    if (left.size() > REMEMBERED) {
      var eldest = left.entrySet().iterator();
      floor = Math.max(floor, eldest.next().getValue() + 1);
      eldest.remove();
    }
  }
}
