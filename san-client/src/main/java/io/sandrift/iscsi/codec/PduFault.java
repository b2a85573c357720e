package io.sandrift.iscsi.codec;

/**
 * A PDU that could not be read. The decoder passes it on in the PDU's place.
 *
 * @param header the 48 bytes of its basic header, to be sent back in a Reject
 */
public record PduFault(Kind kind, String detail, byte[] header) {

  /** What was wrong with it. */
  public enum Kind {
    /** The opcode means nothing here. The PDU was passed over; the next one is read. */
    UNKNOWN_OPCODE(false),
    /** A header field has an impossible value. The PDU was passed over; the next one is read. */
    INVALID_FIELD(false),
    /**
     * The data segment does not match its digest. The PDU was passed over; the next one is read.
     */
    DATA_DIGEST(false),
    /**
     * The header does not match its digest: where the next PDU begins is unknown. Nothing more is
     * read.
     */
    HEADER_DIGEST(true),
    /** The data segment is longer than was agreed. Nothing more is read. */
    TOO_LONG(true);

    private final boolean isFatal;

    Kind(boolean isFatal) {
      this.isFatal = isFatal;
    }

    /** Whether the connection is of no use any more. */
    public boolean isFatal() {
      return isFatal;
    }
  }
}
