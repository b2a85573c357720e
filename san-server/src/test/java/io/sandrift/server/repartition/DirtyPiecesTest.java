package io.sandrift.server.repartition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.repartition.DirtyPieces.Piece;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DirtyPiecesTest {

  private static final int UNIT = 1 << 20;

  @Property(tries = 300)
  void everyByteThatChangedIsInAPieceThatIsTaken(@ForAll long seed) {
    Random random = new Random(seed);
    int unitBytes = 1 << (16 + random.nextInt(9));
    DirtyPieces dirty = new DirtyPieces(unitBytes);
    int offset = random.nextInt(unitBytes);
    int length = 1 + random.nextInt(2 * unitBytes);
    dirty.changed(7, offset, length);
    Set<Piece> taken = new HashSet<>(dirty.take());
    for (int at = offset; at < offset + length; at += Math.max(1, length / 50)) {
      long unit = 7 + at / unitBytes;
      int within = at % unitBytes;
      assertThat(taken)
          .as("seed %d, byte %d", seed, at)
          .anyMatch(
              piece ->
                  piece.unit() == unit
                      && piece.offset() <= within
                      && within < piece.offset() + piece.length());
    }
    assertThat(dirty.take()).isEmpty();
  }

  @Test
  void aSmallWriteMakesOnePieceDirtyAndNotTheUnit() {
    DirtyPieces dirty = new DirtyPieces(UNIT);
    dirty.changed(3, 70_000, 512);
    assertThat(dirty.take()).containsExactly(new Piece(3, 65_536, 65_536));
  }

  @Test
  void allPiecesOfAUnitCoverIt() {
    assertThat(new DirtyPieces(UNIT).all(2).stream().mapToInt(Piece::length).sum()).isEqualTo(UNIT);
  }
}
