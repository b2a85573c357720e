package io.sandrift.client;

import java.io.IOException;

/** A command that the device ended with another status than GOOD. */
public final class ScsiException extends IOException {

  private static final long serialVersionUID = 1;

  private final int status;
  private final int senseKey;
  private final int additionalSense;

  ScsiException(String message, int status, int senseKey, int additionalSense) {
    super(message);
    this.status = status;
    this.senseKey = senseKey;
    this.additionalSense = additionalSense;
  }

  /** The status byte (SAM-5 clause 5.3.1). */
  public int status() {
    return status;
  }

  /** The sense key, 0 to 15; 0 without sense data. */
  public int senseKey() {
    return senseKey;
  }

  /**
   * The additional sense code in the high byte, its qualifier in the low one; 0 without sense data.
   */
  public int additionalSense() {
    return additionalSense;
  }
}
