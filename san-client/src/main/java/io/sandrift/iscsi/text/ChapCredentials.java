package io.sandrift.iscsi.text;

/**
 * What one side proves its identity with.
 *
 * @param name the CHAP_N that it gives, 1 to 255 bytes; need not be its iSCSI name
 * @param secret what only it and the verifier know
 */
public record ChapCredentials(String name, ChapSecret secret) {

  public ChapCredentials {
    if (name.isEmpty() || name.length() > TextPairs.MAX_VALUE_BYTES || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a CHAP name has 1 to 255 bytes and no NUL, not \""
              + MalformedTextException.shortened(name)
              + "\"");
    }
  }
}
