package io.sandrift.server.repartition;

import io.sandrift.server.block.PartitionHandover;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which pieces of a partition's units have changed since they were last taken: a bit for each, 64
 * to a unit at most. Safe for all threads.
 */
final class DirtyPieces implements PartitionHandover.ChangeListener {

  private static final int MIN_PIECE_BYTES = 64 * 1024;

  /** A part of one unit. */
  record Piece(long unit, int offset, int length) {}

  private final int unitBytes;
  private final int pieceBytes;
  private final Map<Long, Long> dirty = new ConcurrentHashMap<>();

  /**
   * @param unitBytes a power of two
   */
  DirtyPieces(int unitBytes) {
    this.unitBytes = unitBytes;
    this.pieceBytes = Math.min(unitBytes, Math.max(MIN_PIECE_BYTES, unitBytes / Long.SIZE));
  }

  /** The longest piece. */
  int pieceBytes() {
    return pieceBytes;
  }

  @Override
  public void changed(long unit, int offset, int length) {
    // An atomic request may go on into the units behind.
    long at = unit;
    int from = offset;
    for (int left = length; left > 0; at++, from = 0) {
      int here = Math.min(left, unitBytes - from);
      int first = from / pieceBytes;
      int last = (from + here - 1) / pieceBytes;
      long mask = (-1L << first) & (-1L >>> (Long.SIZE - 1 - last));
      Long before = dirty.get(at);
      if (before == null || (before & mask) != mask) {
        dirty.merge(at, mask, (one, other) -> one | other);
      }
      left -= here;
    }
  }

  /** What has changed, which counts as unchanged from now on. */
  List<Piece> take() {
    List<Piece> taken = new ArrayList<>();
    for (Long unit : List.copyOf(dirty.keySet())) {
      Long mask = dirty.remove(unit);
      if (mask != null) {
        for (int i = 0; i < unitBytes / pieceBytes; i++) {
          if ((mask & (1L << i)) != 0) {
            taken.add(new Piece(unit, i * pieceBytes, pieceBytes));
          }
        }
      }
    }
    return taken;
  }

  /** All pieces of a unit. */
  List<Piece> all(long unit) {
    List<Piece> pieces = new ArrayList<>();
    for (int offset = 0; offset < unitBytes; offset += pieceBytes) {
      pieces.add(new Piece(unit, offset, pieceBytes));
    }
    return pieces;
  }
}
