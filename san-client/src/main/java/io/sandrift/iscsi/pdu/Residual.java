package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * The difference between the bytes that the initiator expected and those that the command was about
 * (RFC 7143 clause 11.4.5), in a SCSI Response and in a Data-In that carries status.
 *
 * @param overflow the command was about more bytes than expected, and {@code count} of them were
 *     not transferred
 * @param underflow the command was about {@code count} bytes fewer than expected
 * @param count 0 to 4,294,967,295; 0 when neither flag is set
 */
public record Residual(boolean overflow, boolean underflow, long count) {

  public static final Residual NONE = new Residual(false, false, 0);

  private static final int OVERFLOW = 0x04;
  private static final int UNDERFLOW = 0x02;

  static final int COUNT = 44;

  public Residual {
    if (overflow && underflow) {
      throw new IllegalArgumentException("a residual is an overflow or an underflow, not both");
    }
  }

  /** The residual of a command about {@code actual} bytes when {@code expected} were. */
  public static Residual of(long expected, long actual) {
    if (expected == actual) {
      return NONE;
    }
    return new Residual(
        actual > expected, actual < expected, Math.min(Math.abs(actual - expected), 0xffffffffL));
  }

  int flags() {
    return (overflow ? OVERFLOW : 0) | (underflow ? UNDERFLOW : 0);
  }

  static Residual decode(ByteBuf header, int start) {
    int flags = header.getByte(start + BasicHeader.FLAGS) & (OVERFLOW | UNDERFLOW);
    if (flags == 0) {
      return NONE;
    }
    // A peer that sets both is wrong; overflow is the graver of the two.
    boolean overflow = (flags & OVERFLOW) != 0;
    return new Residual(overflow, !overflow, header.getUnsignedInt(start + COUNT));
  }
}
