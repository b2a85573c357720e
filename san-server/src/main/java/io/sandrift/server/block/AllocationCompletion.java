package io.sandrift.server.block;

import java.util.BitSet;

/** Receives what is allocated; the rules of {@link IoCompletion} hold. */
@FunctionalInterface
public interface AllocationCompletion {
  /**
   * @param status OK, or why it isn't known
   * @param allocated with OK, a bit for each unit asked about, the first one's at 0
   */
  void done(IoStatus status, BitSet allocated);
}
