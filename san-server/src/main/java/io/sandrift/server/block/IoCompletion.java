package io.sandrift.server.block;

/**
 * Receives the end of one I/O. Called exactly once: before the call that began the I/O returns, on
 * its thread, when the I/O needed no waiting; else later, on a thread of the side that completes
 * it. It must not block.
 */
@FunctionalInterface
public interface IoCompletion {
  void done(IoStatus status);
}
