package io.sandrift.server.admin;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Somebody, or some program, that uses the admin API.
 *
 * @param name 1 to 63 lower-case letters, digits and inner hyphens, dots and underscores
 * @param role what they may do; never {@link Role#ANYONE}
 * @param tokenHash SHA-256 of the token, in hexadecimal: the token itself is kept nowhere
 * @param created when the user was made
 * @param rotated when the present token was made
 */
public record User(String name, Role role, String tokenHash, Instant created, Instant rotated) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

  public User {
    requireName(name);
    if (role == Role.ANYONE) {
      throw new IllegalArgumentException("a user's role is viewer, operator or admin");
    }
  }

  /** The name, if a user can have it. */
  static String requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "user name '"
              + Exchange.shortened(name)
              + "' is not 1 to 63 lower-case letters, digits and inner hyphens, dots or"
              + " underscores");
    }
    return name;
  }

  @Override
  public String toString() {
    return name + " (" + role + ")";
  }
}
