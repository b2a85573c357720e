package io.sandrift.server.store;

import java.nio.ByteBuffer;

/** Zeros to write from, shared by all. */
final class Zeros {

  private static final int BYTES = 256 * 1024;

  /** As writes past the system's cache need it, where blocks have no more. */
  private static final int ALIGNMENT = 4096;

  private static final ByteBuffer ZEROS =
      ByteBuffer.allocateDirect(BYTES + ALIGNMENT)
          .alignedSlice(ALIGNMENT)
          .limit(BYTES)
          .asReadOnlyBuffer();

  private Zeros() {}

  /** At most {@code length} zeros, or as many as there are at once. */
  static ByteBuffer buffer(int length) {
    return ZEROS.duplicate().limit(Math.min(length, BYTES));
  }
}
