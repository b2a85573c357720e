package io.sandrift.server.block;

/** Receives the end of a compare-and-write; the rules of {@link IoCompletion} hold. */
@FunctionalInterface
public interface CompareCompletion {
  /**
   * @param status how it ended
   * @param mismatchOffset with {@link IoStatus#MISCOMPARE}, the offset in bytes, from the start of
   *     the compared range, of the first byte that differed; else 0
   */
  void done(IoStatus status, int mismatchOffset);
}
