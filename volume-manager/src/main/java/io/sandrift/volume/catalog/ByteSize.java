package io.sandrift.volume.catalog;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 10GiB}, {@code 512 MiB}, {@code 1.5TiB}, {@code
 * 65536}. Units are binary (IEC 80000-13); {@code K}, {@code M}, {@code G} and {@code T} alone mean
 * the same. The decimal {@code kB}, {@code MB}, {@code GB}, {@code TB} are powers of 1000.
 *
 * @param bytes 0 to 2^63 - 1
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {

  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?)\\s*([A-Za-z]{0,3})");

  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("k", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("t", 1L << 40),
          Map.entry("tib", 1L << 40),
          Map.entry("p", 1L << 50),
          Map.entry("pib", 1L << 50),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L));

  private static final String[] NAMES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size can't be negative: " + bytes);
    }
  }

  /**
   * Parses a size.
   *
   * @throws IllegalArgumentException if the text is no size, or is no whole number of bytes; the
   *     message gives the text and what was expected
   */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size; expected a number with a unit, such as 512MiB or 10GiB");
    }
    try {
      return new ByteSize(
          new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a whole number of bytes below 8 EiB", e);
    }
  }

  /**
   * The size in its largest binary unit, with at most two decimals: {@code 10GiB}, {@code 1.5TiB}.
   */
  @Override
  public String toString() {
    int unit = 0;
    while (unit < NAMES.length - 1 && bytes >>> (10 * (unit + 1)) != 0) {
      unit++;
    }
    return new BigDecimal(bytes)
            .divide(BigDecimal.valueOf(1L << (10 * unit)), 2, RoundingMode.DOWN)
            .stripTrailingZeros()
            .toPlainString()
        + NAMES[unit];
  }

  /** The size exactly, in the largest binary unit that it is a whole number of: {@code 1536MiB}. */
  public String exact() {
    int unit = bytes == 0 ? 0 : Math.min(Long.numberOfTrailingZeros(bytes) / 10, NAMES.length - 1);
    return (bytes >>> (10 * unit)) + NAMES[unit];
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }
}
