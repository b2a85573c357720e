package io.sandrift.iscsi.text;

/**
 * How much text is taken from a peer.
 *
 * @param maxBytes of one whole text, over all the PDUs that its C bit ties together; RFC 7143
 *     clause 6.1 asks for 8192 at least
 * @param maxPairs in one whole text
 */
public record TextLimits(int maxBytes, int maxPairs) {

  /** What every implementation must take, and room for some more. */
  public static final TextLimits DEFAULT = new TextLimits(16 * 1024, 128);

  public TextLimits {
    if (maxBytes < 1 || maxPairs < 1) {
      throw new IllegalArgumentException(
          "text limits are positive, not " + maxBytes + " bytes and " + maxPairs + " pairs");
    }
  }
}
