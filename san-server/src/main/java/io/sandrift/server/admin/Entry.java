package io.sandrift.server.admin;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who comes in, and with which role: the one place where requests are let in or refused.
 *
 * <p>A user proves itself with a token, {@code Authorization: Bearer}; there are no cookies, so a
 * browser says nothing by itself on behalf of the page that it shows. Where nobody is asked (on a
 * loopback address, unless a setting says otherwise) only requests that name a loopback host are
 * let in, and no changes that another site's page sends: that page can then neither reach the API
 * by a name of its own (DNS rebinding) nor act from afar (CSRF).
 */
public final class Entry {

  /** Streams of events that are open at a time; each costs memory and some work. */
  static final int MOST_STREAMS = 64;

  private final InetAddress listening;
  private final boolean asksForToken;
  private final Users users;
  private final @Nullable String firstTokenHash;
  private final FailedTries failures;

  /** Open streams, and the token that each was opened with; none is the empty string. */
  private final Map<EventStream, String> streams = new ConcurrentHashMap<>();

  /**
   * @param listening where the API listens
   * @param asksForToken whether a loopback address asks for tokens too; others always do
   * @param firstToken a token of the role admin that the settings give, before there are users
   */
  public Entry(
      InetAddress listening,
      boolean asksForToken,
      Users users,
      @Nullable String firstToken,
      InstantSource clock) {
    this.listening = Objects.requireNonNull(listening);
    this.asksForToken = asksForToken || !listening.isLoopbackAddress();
    this.users = users;
    this.firstTokenHash = firstToken == null ? null : Tokens.hash(firstToken);
    this.failures = new FailedTries(clock);
    users.onChange(this::closeStreams);
  }

  /** Lets everybody on this machine in. */
  static Entry ofLoopback(InetAddress listening) {
    return new Entry(listening, false, Users.NONE, null, InstantSource.system());
  }

  /**
   * Called before every request, also for paths that don't exist.
   *
   * @throws Problem if the request isn't looked at
   */
  void admit(Context context) {
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cache-Control", "no-store");
    // The HTTP library would let this header turn a GET into a DELETE behind the route's role.
    if (context.header("X-HTTP-Method-Override") != null) {
      throw new Problem(400, "X-HTTP-Method-Override isn't supported; send the method itself");
    }
    if (!asksForToken) {
      requireOurHost(context);
    }
    requireOurPage(context);
  }

  /**
   * Who sent this request.
   *
   * @throws Problem 401, 403 or 429 if they may not do what needs this role
   */
  Caller caller(Context context, Role needed) {
    String address = context.req().getRemoteAddr();
    Optional<String> token = token(context);
    if (needed == Role.ANYONE) {
      return new Caller("anyone", Role.ANYONE, address);
    }
    if (token.isEmpty()) {
      if (asksForToken) {
        context.header("WWW-Authenticate", "Bearer realm=\"sandrift\"");
        throw new Problem(
            401,
            "this needs a token of the role "
                + needed
                + ", as Authorization: Bearer TOKEN; for commands set SANDRIFT_TOKEN, or keep it in"
                + " a file that SANDRIFT_TOKEN_FILE names ('sandrift user create' makes one)");
      }
      return new Caller("local", Role.ADMIN, address);
    }
    long blocked = failures.blockedFor(address).toSeconds();
    if (blocked > 0) {
      context.header("Retry-After", Long.toString(blocked));
      throw new Problem(
          429, "too many wrong tokens came from " + address + "; repeat in " + blocked + " s");
    }
    Caller caller = known(token.get(), address);
    if (caller == null) {
      failures.failed(address);
      context.header("WWW-Authenticate", "Bearer realm=\"sandrift\", error=\"invalid_token\"");
      throw new Problem(
          401,
          "invalid-token",
          "the token is nobody's; it may have been rotated or its user deleted");
    }
    if (!caller.role().covers(needed)) {
      throw new Problem(
          403,
          "user '"
              + caller.name()
              + "' is "
              + caller.role()
              + ", and this needs "
              + needed
              + "; an admin can make a user of that role");
    }
    return caller;
  }

  /**
   * @throws Problem 503 if there are too many streams to open another
   */
  void requireRoomForStream() {
    if (streams.size() >= MOST_STREAMS) {
      throw new Problem(503, MOST_STREAMS + " streams of events are open; close some first");
    }
  }

  /** Remembers a stream, so that it ends with the token that it was opened with. */
  void opened(Context context, EventStream stream) {
    streams.put(stream, token(context).orElse(""));
    stream.onEnd(() -> streams.remove(stream));
    // The token may have ended between the request and now.
    closeStreams();
  }

  private void closeStreams() {
    streams.forEach(
        (stream, token) -> {
          if (!token.isEmpty() && known(token, "") == null) {
            stream.close();
          }
        });
  }

  private @Nullable Caller known(String token, String address) {
    if (firstTokenHash != null && Tokens.same(firstTokenHash, Tokens.hash(token))) {
      return new Caller("token-file", Role.ADMIN, address);
    }
    return users
        .ofToken(token)
        .map(user -> new Caller(user.name(), user.role(), address))
        .orElse(null);
  }

  private static Optional<String> token(Context context) {
    String header = context.header("Authorization");
    if (header == null) {
      return Optional.empty();
    }
    if (!header.regionMatches(true, 0, "Bearer ", 0, 7) || header.length() > 600) {
      throw new Problem(401, "only Authorization: Bearer TOKEN is understood");
    }
    return Optional.of(header.substring(7).strip());
  }

  private void requireOurHost(Context context) {
    String host = Optional.ofNullable(context.header("Host")).orElse("");
    String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    if (!name.equals("localhost")
        && !name.equals("[::1]")
        && !name.matches("127\\.[0-9]+\\.[0-9]+\\.[0-9]+")
        && !name.equals(listening.getHostAddress().toLowerCase(Locale.ROOT))) {
      throw new Problem(
          421,
          "this server answers requests to localhost only; ask for http://127.0.0.1:"
              + context.req().getLocalPort());
    }
  }

  /** Browsers say where a request comes from; programs don't. */
  private static void requireOurPage(Context context) {
    String method = context.req().getMethod();
    if (method.equals("GET") || method.equals("HEAD")) {
      return;
    }
    String site = context.header("Sec-Fetch-Site");
    boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
    String origin = context.header("Origin");
    if (origin != null) {
      String host = Optional.ofNullable(context.header("Host")).orElse("");
      foreign |= !host.equalsIgnoreCase(authority(origin));
    }
    if (foreign) {
      throw new Problem(
          403,
          "foreign-page",
          "another site's page may not change anything here; use the server's");
    }
  }

  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getAuthority();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
