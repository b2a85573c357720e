package io.sandrift.acceptance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether what initiators have read of one block can be explained by what was written to it. Pure.
 *
 * <p>Every write has a value of its own. It takes effect between its call and its end, once or more
 * often, as initiators send again what was not answered; one that never ended may take effect at
 * any time after its call. A read is explained when its value
 *
 * <ul>
 *   <li>was written by a write that was called before the read ended;
 *   <li>was not overwritten for certain before the read was called: no write that was called after
 *       this value's last chance to take effect had ended by then, and none had been read by then
 *       after that last chance.
 * </ul>
 *
 * These are necessary conditions: each read is held against every other operation, not all reads
 * against each other at once.
 */
final class HistoryChecker {

  /** The end of an operation that has none. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * A write.
   *
   * @param called in any clock that all operations share
   * @param ended when it was acknowledged, or {@link #NEVER}
   */
  record Write(long value, long called, long ended) {}

  /** A read that was answered. */
  record Read(long value, long called, long ended) {}

  private final Map<Long, Write> writes = new HashMap<>();
  private final List<String> contradictions = new ArrayList<>();

  private HistoryChecker() {}

  /** What can't be explained, in words; empty when all can. */
  static List<String> check(List<Write> writes, List<Read> reads) {
    HistoryChecker checker = new HistoryChecker();
    for (Write write : writes) {
      if (checker.writes.put(write.value(), write) != null) {
        throw new IllegalArgumentException("two writes of the value " + write.value());
      }
    }
    List<Read> explained = new ArrayList<>();
    for (Read read : reads) {
      if (checker.hasOrigin(read)) {
        explained.add(read);
      }
    }
    checker.lookForOverwritten(writes, explained);
    return checker.contradictions;
  }

  private boolean hasOrigin(Read read) {
    Write origin = writes.get(read.value());
    if (origin == null) {
      contradictions.add(read + " saw a value that nobody wrote");
    } else if (origin.called() > read.ended()) {
      contradictions.add(read + " saw " + origin + ", which was called later");
    } else {
      return true;
    }
    return false;
  }

  /** Something that shows that a value was in the block at some time from {@code since} on. */
  private record Proof(long value, long since, long until, Object what) {}

  private void lookForOverwritten(List<Write> all, List<Read> reads) {
    List<Proof> proofs = new ArrayList<>();
    for (Write write : all) {
      if (write.ended() != NEVER) {
        proofs.add(new Proof(write.value(), write.called(), write.ended(), write));
      }
    }
    for (Read read : reads) {
      Write origin = writes.get(read.value());
      proofs.add(
          new Proof(read.value(), Math.max(read.called(), origin.called()), read.ended(), read));
    }
    proofs.sort(Comparator.comparingLong(Proof::until));
    List<Read> inOrder = new ArrayList<>(reads);
    inOrder.sort(Comparator.comparingLong(Read::called));
    // Of the proofs that lie wholly before a read, the two latest of different values.
    Proof latest = null;
    Proof latestOfAnother = null;
    int next = 0;
    for (Read read : inOrder) {
      while (next < proofs.size() && proofs.get(next).until() < read.called()) {
        Proof proof = proofs.get(next++);
        if (latest == null || proof.since() > latest.since()) {
          if (latest != null && latest.value() != proof.value()) {
            latestOfAnother = latest;
          }
          latest = proof;
        } else if (proof.value() != latest.value()
            && (latestOfAnother == null || proof.since() > latestOfAnother.since())) {
          latestOfAnother = proof;
        }
      }
      Proof other = latest != null && latest.value() == read.value() ? latestOfAnother : latest;
      Write origin = writes.get(read.value());
      if (other != null && other.since() > origin.ended()) {
        contradictions.add(
            read
                + " saw "
                + origin
                + ", which was overwritten before, as shown by "
                + other.what());
      }
    }
  }

  /** The value that fills a block, or -1 when the block holds more than one: a torn read. */
  static long valueOf(long[] block) {
    return Arrays.stream(block).allMatch(word -> word == block[0]) ? block[0] : -1;
  }
}
