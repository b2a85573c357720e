package io.sandrift.server.settings;

import io.sandrift.volume.catalog.ByteSize;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a setting's value is written.
 *
 * @param unit what a bare number counts, or the kind of value: {@code bytes}, {@code host:port}
 * @param range what is accepted, in words, as {@code --help-settings} and error messages show it
 * @param parse from text; throws IllegalArgumentException if the text isn't in range
 * @param print to text that parses to the same value
 */
record SettingType<T>(
    String unit, String range, Function<String, T> parse, Function<T, String> print) {

  /** What a server can listen at, and nobody connect to. */
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h)");

  static SettingType<Boolean> flag() {
    return new SettingType<>(
        "-",
        "true or false",
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException();
            },
        String::valueOf);
  }

  static SettingType<Integer> count(String unit, int min, int max) {
    return new SettingType<>(
        unit,
        min + " to " + max,
        text -> {
          int value = Integer.parseInt(text);
          if (value < min || value > max) {
            throw new IllegalArgumentException();
          }
          return value;
        },
        String::valueOf);
  }

  static SettingType<Double> number(String unit, double min, double max) {
    return new SettingType<>(
        unit,
        printed(min) + " to " + printed(max),
        text -> {
          double value = Double.parseDouble(text);
          if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException();
          }
          return value;
        },
        SettingType::printed);
  }

  static SettingType<Long> size(long min, long max) {
    return new SettingType<>(
        "bytes",
        printed(min) + " to " + printed(max),
        text -> {
          long value = ByteSize.parse(text).bytes();
          if (value < min || value > max) {
            throw new IllegalArgumentException();
          }
          return value;
        },
        SettingType::printed);
  }

  /** A size that the protocol counts in 24 bits. */
  static SettingType<Integer> segment(int min, int max) {
    SettingType<Long> size = size(min, max);
    return new SettingType<>(
        size.unit(),
        size.range(),
        text -> size.parse().apply(text).intValue(),
        value -> size.print().apply(value.longValue()));
  }

  static SettingType<Duration> duration(Duration min, Duration max) {
    return new SettingType<>(
        "ms, s, m, h",
        printed(min) + " to " + printed(max),
        text -> {
          Matcher matcher = DURATION.matcher(text);
          if (!matcher.matches()) {
            throw new IllegalArgumentException();
          }
          long amount = Long.parseLong(matcher.group(1));
          Duration value =
              switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
              };
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException();
          }
          return value;
        },
        SettingType::printed);
  }

  static SettingType<String> text(String unit, String range, Pattern form) {
    return new SettingType<>(
        unit,
        range,
        text -> {
          if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException();
          }
          return text;
        },
        Function.identity());
  }

  static SettingType<HostPort> address() {
    return new SettingType<>(
        "host:port", "port 0 to 65535, 0 is any free one", HostPort::parse, HostPort::toString);
  }

  /** An address that others are told. */
  static SettingType<HostPort> addressToReach() {
    return new SettingType<>(
        "host:port",
        "port 1 to 65535, and no wildcard",
        text -> {
          HostPort address = HostPort.parse(text);
          if (address.port() == 0 || WILDCARDS.contains(address.host())) {
            throw new IllegalArgumentException("nobody can connect to " + address);
          }
          return address;
        },
        HostPort::toString);
  }

  /** An empty text is none. */
  static <T> SettingType<Optional<T>> optional(SettingType<T> type) {
    return new SettingType<>(
        type.unit(),
        type.range() + "; empty: none",
        text -> text.isEmpty() ? Optional.empty() : Optional.of(type.parse().apply(text)),
        value -> value.map(type.print()).orElse(""));
  }

  /** Values separated by commas, or a YAML list; none twice. */
  static <T> SettingType<List<T>> listOf(SettingType<T> element, int max) {
    return new SettingType<>(
        element.unit() + ",...",
        "1 to " + max + " of: " + element.range(),
        text -> {
          List<T> values = new ArrayList<>();
          for (String part : text.split(",", -1)) {
            T value = element.parse().apply(part.strip());
            if (values.contains(value)) {
              throw new IllegalArgumentException("'" + part.strip() + "' is there twice");
            }
            values.add(value);
          }
          if (values.size() > max) {
            throw new IllegalArgumentException();
          }
          return List.copyOf(values);
        },
        values -> String.join(",", values.stream().map(element.print()).toList()));
  }

  private static String printed(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String printed(long bytes) {
    return new ByteSize(bytes).exact();
  }

  private static String printed(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0 && millis != 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0 && millis != 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
