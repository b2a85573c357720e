package io.sandrift.server.store;

/**
 * Waiting for a thread's end without being interrupted, and without ever interrupting one: that
 * would close its files.
 */
final class Threads {

  private Threads() {}

  static void join(Thread thread) {
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
