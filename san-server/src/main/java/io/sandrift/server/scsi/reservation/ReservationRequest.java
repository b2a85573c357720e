package io.sandrift.server.scsi.reservation;

import java.util.List;
import java.util.Optional;

/**
 * What a PERSISTENT RESERVE OUT asks for (SPC-4), decoded.
 *
 * @param key RESERVATION KEY: the one the nexus says it has registered; 0 for none
 * @param actionKey SERVICE ACTION RESERVATION KEY: the new key, or the key to preempt
 * @param type the TYPE field; empty when it has none of the standard's values, which matters only
 *     to the service actions that use it
 */
public record ReservationRequest(
    ServiceAction action,
    Optional<ReservationType> type,
    long key,
    long actionKey,
    boolean persistThroughPowerLoss,
    boolean allTargetPorts,
    List<String> otherInitiatorPorts,
    Optional<Move> move) {

  /** The service actions of PERSISTENT RESERVE OUT (SPC-4). */
  public enum ServiceAction {
    REGISTER(0x00),
    RESERVE(0x01),
    RELEASE(0x02),
    CLEAR(0x03),
    PREEMPT(0x04),
    PREEMPT_AND_ABORT(0x05),
    REGISTER_AND_IGNORE_EXISTING_KEY(0x06),
    REGISTER_AND_MOVE(0x07);

    private final int wireValue;

    ServiceAction(int wireValue) {
      this.wireValue = wireValue;
    }

    /** The five bits that carry it in the CDB. */
    public int wireValue() {
      return wireValue;
    }
  }

  /**
   * Where REGISTER AND MOVE moves the reservation.
   *
   * @param unregister whether the nexus that moves it gives up its own registration
   */
  public record Move(Registrant destination, boolean unregister) {}
}
