package io.sandrift.server.session;

/**
 * Counts what all sessions do. Called on their event loops for every command, so it takes no lock
 * and allocates nothing.
 */
public interface CommandMeter {

  /** Counts nothing. */
  CommandMeter NONE =
      new CommandMeter() {
        @Override
        public void ended(CommandKind kind, long nanos) {}

        @Override
        public void read(long bytes) {}

        @Override
        public void written(long bytes) {}
      };

  /**
   * A command was answered.
   *
   * @param nanos from the moment at which it was read from the connection
   */
  void ended(CommandKind kind, long nanos);

  /** Bytes were sent to an initiator as SCSI data. */
  void read(long bytes);

  /** Bytes were received from an initiator as SCSI data. */
  void written(long bytes);
}
