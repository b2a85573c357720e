package io.sandrift.server.scsi.task;

/**
 * Receives the end of one step of an execution. Called exactly once: before the call that began the
 * step returns, on its thread, when nothing had to be waited for; else later, on any thread. It
 * must not block.
 */
@FunctionalInterface
public interface ResponseListener {
  void done(Response response);
}
