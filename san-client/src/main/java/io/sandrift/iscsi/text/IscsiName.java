package io.sandrift.iscsi.text;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The world-wide unique name of an initiator or a target (RFC 7143 clause 4.2.7), normalised to
 * lower case: two names are the same when these are equal.
 *
 * <p>The formats are {@code iqn.} with a year and month and a reversed domain name, {@code eui.}
 * with 16 hexadecimal digits, and {@code naa.} with 16 or 32. Underscores are not in the standard's
 * set, but initiators in use have them, so they pass.
 *
 * @param value at most {@link #MAX_BYTES} bytes of UTF-8
 */
public record IscsiName(String value) {

  /** The longest name, in bytes. */
  public static final int MAX_BYTES = 223;

  private static final String EXPECTED =
      "iqn.<year>-<month>.<reversed domain>[:<rest>], eui.<16 hex digits> or naa.<16 or 32 hex digits>,"
          + " at most 223 bytes";

  private static final Pattern FORMAT =
      Pattern.compile(
          "iqn\\.[0-9]{4}-[0-9]{2}\\.[\\p{L}\\p{M}\\p{N}._:-]+"
              + "|eui\\.[0-9a-f]{16}"
              + "|naa\\.(?:[0-9a-f]{16}|[0-9a-f]{32})");

  public IscsiName {
    value = value.toLowerCase(Locale.ROOT);
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "\"%s\" is not an iSCSI name, expected %s"
              .formatted(MalformedTextException.shortened(value), EXPECTED));
    }
  }

  /** Reads a name that a peer sent as the value of {@code key}. */
  public static IscsiName parse(String key, String value) throws MalformedTextException {
    if (!isValid(value.toLowerCase(Locale.ROOT))) {
      throw MalformedTextException.value(key, value, EXPECTED);
    }
    return new IscsiName(value);
  }

  private static boolean isValid(String value) {
    // Lengths first: the pattern then sees no more than a name's worth.
    return value.length() <= MAX_BYTES
        && value.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
        && FORMAT.matcher(value).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
