package io.sandrift.volume.catalog;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What people call a volume, and the last part of its target's iSCSI name (RFC 7143 clause 4.2.7;
 * of the characters that RFC 3722 allows there, those without the colon).
 *
 * @param value 1 to 63 characters: lower-case letters, digits, inner hyphens and inner dots
 */
public record VolumeName(String value) implements Comparable<VolumeName> {

  /** The naming authority and the colon before a volume's name in its target's name. */
  public static final String TARGET_PREFIX = "iqn.2026-11.io.sandrift:";

  private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

  public VolumeName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "volume name '"
              + abbreviated(value)
              + "' is not 1 to 63 lower-case letters, digits, inner hyphens and dots, such as"
              + " scratch-1");
    }
  }

  /** The iSCSI name of the volume's target: {@code iqn.2026-11.io.sandrift:<name>}. */
  public String targetName() {
    return TARGET_PREFIX + value;
  }

  /** The volume that a target's iSCSI name stands for; empty if it is none of ours. */
  public static Optional<VolumeName> ofTarget(String targetName) {
    if (!targetName.startsWith(TARGET_PREFIX)) {
      return Optional.empty();
    }
    String name = targetName.substring(TARGET_PREFIX.length());
    return FORM.matcher(name).matches() ? Optional.of(new VolumeName(name)) : Optional.empty();
  }

  private static String abbreviated(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  @Override
  public int compareTo(VolumeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
