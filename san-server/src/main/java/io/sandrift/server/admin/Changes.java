package io.sandrift.server.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out whatever changes something: writes down who asked for what and what came of it, and
 * answers a request that is repeated with its {@code Idempotency-Key} as the first time, without
 * doing it again. Keys are this server's, kept for an hour in memory. Safe for all threads.
 */
final class Changes {

  private static final int MOST_KEYS = 1000;
  private static final int MOST_KEY_CHARACTERS = 200;
  private static final Duration KEPT = Duration.ofHours(1);

  /** Refused requests of strangers that are written down each minute. */
  static final int MOST_STRANGERS = 10;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Consumer<AuditEntry> audit;
  private final String server;
  private final InstantSource clock;

  /** Guarded by this. */
  private final Map<String, Known> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > MOST_KEYS;
        }
      };

  /** When the minute began in which strangers are counted. Guarded by this. */
  private Instant minute = Instant.EPOCH;

  /** How many came in it. Guarded by this. */
  private int strangers;

  /**
   * @param fingerprint of the request
   * @param answer null while it is being carried out
   */
  private record Known(String fingerprint, Exchange.@Nullable Answer answer, Instant at) {}

  Changes(Consumer<AuditEntry> audit, String server, InstantSource clock) {
    this.audit = audit;
    this.server = server;
    this.clock = clock;
  }

  void carryOut(Exchange exchange, AdminRoutes.Endpoint endpoint) throws Exception {
    int status = 500;
    String detail = "";
    try {
      once(exchange, endpoint);
      status = exchange.context().statusCode();
    } catch (Problem problem) {
      status = problem.status();
      detail = String.valueOf(problem.getMessage());
      throw problem;
    } catch (Exception e) {
      detail = String.valueOf(e.getMessage());
      throw e;
    } finally {
      audit.accept(AuditEntry.of(clock.instant(), server, exchange, status, detail));
    }
  }

  /**
   * Writes down what was refused at the door. Of those who aren't known, and so may come as often
   * as they like, a few each minute, and briefly.
   */
  void refused(Exchange exchange, Problem problem) {
    String detail = String.valueOf(problem.getMessage());
    AuditEntry entry = AuditEntry.of(clock.instant(), server, exchange, problem.status(), detail);
    if (!AuditEntry.isStrangers(entry.view())) {
      audit.accept(entry);
      return;
    }
    int many = countStranger();
    if (many <= MOST_STRANGERS) {
      String last = "; more like it aren't written down within this minute";
      audit.accept(entry.shortened(many == MOST_STRANGERS ? detail + last : detail));
    }
  }

  private synchronized int countStranger() {
    Instant now = clock.instant();
    if (Duration.between(minute, now).compareTo(MINUTE) >= 0) {
      minute = now;
      strangers = 0;
    }
    return ++strangers;
  }

  private void once(Exchange exchange, AdminRoutes.Endpoint endpoint) throws Exception {
    String given = exchange.context().header("Idempotency-Key");
    if (given == null) {
      endpoint.answer(exchange);
      return;
    }
    if (given.isBlank() || given.length() > MOST_KEY_CHARACTERS) {
      throw new Problem(
          400,
          "an Idempotency-Key has 1 to " + MOST_KEY_CHARACTERS + " characters; a UUID will do");
    }
    String key = exchange.caller().name() + '\n' + given;
    String fingerprint = fingerprint(exchange);
    Exchange.Answer before = begin(key, fingerprint);
    if (before != null) {
      exchange.context().header("Idempotency-Replayed", "true");
      exchange.repeat(before);
      return;
    }
    Exchange.Answer answer = null;
    try {
      endpoint.answer(exchange);
      answer = exchange.answered();
    } finally {
      end(key, fingerprint, answer);
    }
  }

  private synchronized Exchange.@Nullable Answer begin(String key, String fingerprint) {
    Known before = known.get(key);
    if (before == null || before.at().plus(KEPT).isBefore(clock.instant())) {
      known.put(key, new Known(fingerprint, null, clock.instant()));
      return null;
    }
    if (!before.fingerprint().equals(fingerprint)) {
      throw new Problem(
          422, "key-reused", "this Idempotency-Key was another request's; make a new one for each");
    }
    if (before.answer() == null) {
      throw new Problem(
          409,
          "still-under-way",
          "the request with this Idempotency-Key is under way; repeat it later");
    }
    return before.answer();
  }

  /** What failed, or told a secret, is forgotten: it may be asked again. */
  private synchronized void end(String key, String fingerprint, Exchange.@Nullable Answer answer) {
    if (answer == null) {
      known.remove(key);
    } else {
      known.put(key, new Known(fingerprint, answer, clock.instant()));
    }
  }

  private static String fingerprint(Exchange exchange) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(exchange.line().getBytes(StandardCharsets.UTF_8));
      digest.update(exchange.bytes());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
