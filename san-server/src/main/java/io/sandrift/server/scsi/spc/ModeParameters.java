package io.sandrift.server.scsi.spc;

/**
 * The mode parameters that an initiator can change, for the whole logical unit; immutable.
 *
 * @param writeCache WCE: a write may be acknowledged before it is durable. Without it every write
 *     is flushed before it is answered
 * @param descriptorSense D_SENSE: sense data has descriptor format
 * @param writeProtected SWP: writes are refused
 */
public record ModeParameters(boolean writeCache, boolean descriptorSense, boolean writeProtected) {

  /** What holds after power on and after a reset. */
  public static final ModeParameters DEFAULT = new ModeParameters(true, false, false);
}
