package io.sandrift.server.distribution;

import java.util.Locale;

/** How the link between a client and the server that was selected for it is made. */
public enum Link {
  /** The client is told where to log in. */
  REDIRECT,
  /** The server that was reached carries the connection. */
  RELAY,
  /** Redirect first, and relay for a client that has been seen not to follow. */
  AUTO;

  /** What users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if users' word is none of the three
   */
  public static Link of(String word) {
    for (Link link : values()) {
      if (link.word().equals(word)) {
        return link;
      }
    }
    throw new IllegalArgumentException("link is '" + word + "', expected redirect, relay or auto");
  }
}
