package io.sandrift.server.scsi.task;

import io.netty.buffer.ByteBuf;

/**
 * What a transport has to do to carry out one command; the device server's answer to {@link
 * Nexus#start}.
 */
public sealed interface Execution {

  /**
   * The command is over. {@code dataIn} goes to the initiator (cut to what it takes; the rest is
   * the residual), and the receiver of this record releases it. Empty when there is none.
   */
  record Done(Response response, ByteBuf dataIn) implements Execution {}

  /**
   * {@code length} bytes go to the initiator: the transport takes them from {@code source}, up to
   * what it accepts.
   */
  record SendData(long length, DataSource source) implements Execution {}

  /**
   * {@code length} bytes come from the initiator: the transport hands them to {@code sink} as they
   * arrive, and then calls {@link DataSink#finish}.
   */
  record ReceiveData(long length, DataSink sink) implements Execution {}

  /**
   * No data comes in, and the answer takes time: the transport calls {@link Later#start} and awaits
   * it.
   */
  non-sealed interface Later extends Execution {
    void start(DataListener listener);

    /**
     * The command was aborted: long work stops at its next step. The listener is still called, and
     * what it gets is of no use but to be released.
     */
    default void discard() {}
  }

  /** Where data for the initiator comes from. */
  interface DataSource {
    /**
     * Puts {@code length} bytes, from {@code offset} of the transfer, into {@code destination} at
     * {@code index}. The buffer is borrowed until {@code listener} is called. Any response but GOOD
     * ends the command with that response.
     */
    void read(long offset, ByteBuf destination, int index, int length, ResponseListener listener);
  }

  /** Where data from the initiator goes. */
  interface DataSink {
    /**
     * Takes {@code length} bytes of {@code source} at {@code index} as the bytes from {@code
     * offset} of the transfer. Called in ascending order without gaps, though an earlier call may
     * still be under way. The buffer is borrowed until {@code listener} is called. Any response but
     * GOOD ends the command with it, and {@code finish} isn't called.
     */
    void write(long offset, ByteBuf source, int index, int length, ResponseListener listener);

    /**
     * All writes are done, {@code received} bytes in all (less than announced if the initiator
     * offered less): does what remains, such as a parameter list's effect or a FUA's flush, and
     * gives the command's response.
     */
    void finish(long received, ResponseListener listener);

    /**
     * The command was aborted or failed; nothing more comes. Frees what the sink holds. When {@link
     * #finish} is under way, long work stops at its next step, and the listener is still called.
     */
    default void discard() {}
  }

  /** Receives the end of a {@link Later}; the rules of {@link ResponseListener} hold. */
  @FunctionalInterface
  interface DataListener {
    /** Ends the command; whoever receives {@code dataIn} (empty when there is none) releases it. */
    void done(Response response, ByteBuf dataIn);
  }
}
