package io.sandrift.server.store;

import java.nio.ByteBuffer;

/** Zeros to write from, shared by all. */
final class Zeros {

  private static final int BYTES = 256 * 1024;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BYTES).asReadOnlyBuffer();

  private Zeros() {}

  /** At most {@code length} zeros, or as many as there are at once. */
  static ByteBuffer buffer(int length) {
    return ZEROS.duplicate().limit(Math.min(length, BYTES));
  }
}
