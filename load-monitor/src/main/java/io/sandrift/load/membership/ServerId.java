package io.sandrift.load.membership;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The name by which one server is known to the whole cluster. It is kept in the server's data
 * directory and never changes while that directory lives, whatever address the server has.
 *
 * @param value 1 to 63 characters: lower-case letters, digits and inner hyphens (so that it is also
 *     a DNS label)
 */
public record ServerId(String value) implements Comparable<ServerId> {

  private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  public ServerId {
    Objects.requireNonNull(value, "value");
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "server id '"
              + value
              + "' is not 1 to 63 lower-case letters, digits and inner hyphens, such as server-1");
    }
  }

  @Override
  public int compareTo(ServerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
