package io.sandrift.server.session;

import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.SerialNumber;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order and the number of a session's commands (RFC 7143 clause 4.2.2.1): which CmdSN is next,
 * and how far ahead the initiator may go. Confined to the session's event loop.
 *
 * <p>The window closes as tasks pile up and opens as they end; its upper end never moves back, as
 * the clause demands.
 */
final class CommandWindow {

  /** What to do with a PDU that has a CmdSN. */
  enum Verdict {
    /** It is the next one: carry it out, and then what {@link #next} gives. */
    DELIVER,
    /** An earlier one is missing; this one was kept for {@link #next}. */
    HELD,
    /** Outside of the window, or seen before: to be ignored without a word. */
    IGNORE
  }

  private final int depth;
  private final Map<Integer, InitiatorPdu> held = new HashMap<>();
  private int expCmdSn;
  private int maxCmdSn;

  /**
   * @param expCmdSn the first command's number
   * @param depth how many commands may be under way at once, 1 to 65535
   */
  CommandWindow(int expCmdSn, int depth) {
    this.expCmdSn = expCmdSn;
    this.depth = depth;
    this.maxCmdSn = expCmdSn + depth - 1;
  }

  int expCmdSn() {
    return expCmdSn;
  }

  int maxCmdSn() {
    return maxCmdSn;
  }

  /** Judges a PDU that is not immediate. */
  Verdict receive(int cmdSn, InitiatorPdu pdu) {
    if (!SerialNumber.isWithin(cmdSn, expCmdSn, maxCmdSn)) {
      return Verdict.IGNORE;
    }
    if (cmdSn == expCmdSn) {
      expCmdSn++;
      return Verdict.DELIVER;
    }
    return held.putIfAbsent(cmdSn, pdu) == null ? Verdict.HELD : Verdict.IGNORE;
  }

  /** The next PDU of those held back, if its turn has come. */
  @Nullable InitiatorPdu next() {
    if (held.isEmpty()) {
      return null;
    }
    InitiatorPdu pdu = held.remove(expCmdSn);
    if (pdu != null) {
      expCmdSn++;
    }
    return pdu;
  }

  /** Opens the window as far as {@code underWay} tasks leave room. */
  void update(int underWay) {
    int candidate = expCmdSn + Math.max(0, depth - underWay) - 1;
    if (SerialNumber.isBefore(maxCmdSn, candidate)) {
      maxCmdSn = candidate;
    }
  }

  /** Lets go of everything held back. */
  void clear() {
    held.values().forEach(InitiatorPdu::release);
    held.clear();
  }
}
