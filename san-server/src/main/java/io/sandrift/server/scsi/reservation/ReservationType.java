package io.sandrift.server.scsi.reservation;

import org.jspecify.annotations.Nullable;

/** The type of a persistent reservation (SPC-4, persistent reservations type). */
public enum ReservationType {
  WRITE_EXCLUSIVE(0x1, Holders.ONE, false),
  EXCLUSIVE_ACCESS(0x3, Holders.ONE, true),
  WRITE_EXCLUSIVE_REGISTRANTS_ONLY(0x5, Holders.ONE_ADMITS_REGISTRANTS, false),
  EXCLUSIVE_ACCESS_REGISTRANTS_ONLY(0x6, Holders.ONE_ADMITS_REGISTRANTS, true),
  WRITE_EXCLUSIVE_ALL_REGISTRANTS(0x7, Holders.ALL_REGISTRANTS, false),
  EXCLUSIVE_ACCESS_ALL_REGISTRANTS(0x8, Holders.ALL_REGISTRANTS, true);

  private enum Holders {
    ONE,
    ONE_ADMITS_REGISTRANTS,
    ALL_REGISTRANTS
  }

  private static final ReservationType[] VALUES = values();

  private final int wireValue;
  private final Holders holders;
  private final boolean exclusiveAccess;

  ReservationType(int wireValue, Holders holders, boolean exclusiveAccess) {
    this.wireValue = wireValue;
    this.holders = holders;
    this.exclusiveAccess = exclusiveAccess;
  }

  /** The type with this wire value, or null if there is none. */
  public static @Nullable ReservationType of(int wireValue) {
    for (ReservationType type : VALUES) {
      if (type.wireValue == wireValue) {
        return type;
      }
    }
    return null;
  }

  /** The four bits that carry it. */
  public int wireValue() {
    return wireValue;
  }

  /** Whether reads too are refused to others. */
  public boolean isExclusiveAccess() {
    return exclusiveAccess;
  }

  /** Whether every registered nexus may do what the holder may. */
  public boolean admitsRegistrants() {
    return holders != Holders.ONE;
  }

  /** Whether every registered nexus holds the reservation. */
  public boolean isHeldByAllRegistrants() {
    return holders == Holders.ALL_REGISTRANTS;
  }
}
