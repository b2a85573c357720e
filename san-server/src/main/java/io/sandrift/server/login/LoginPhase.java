package io.sandrift.server.login;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.ParameterNegotiation;
import io.sandrift.iscsi.text.SessionType;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The login phase of one connection, on the target's side (RFC 7143 clauses 6.3 and 11.12, 11.13).
 *
 * <pre>
 *              CSG=0                NSG=1                 NSG=3
 *   FIRST ───────────▶ SECURITY ───────────▶ OPERATIONAL ───────▶ ENDED
 *     │ CSG=1             └──────────── NSG=3 ───────────────────▶  ▲
 *     └─────────────────────────────────▶ OPERATIONAL               │
 *                any state: refused, redirected ────────────────────┘
 * </pre>
 *
 * <p>The target goes as fast as the initiator lets it: it takes every transition that is asked for
 * as soon as nothing stands against it, so a login can be over in one exchange. It offers nothing
 * by itself; it answers, and declares what only it can say.
 *
 * <p>Owned by the connection's event loop. Holds at most one text of {@link
 * LoginSettings#textLimits} and the answer to it.
 */
public final class LoginPhase {

  private static final Logger log = LoggerFactory.getLogger(LoginPhase.class);

  private enum State {
    FIRST,
    SECURITY,
    OPERATIONAL,
    ENDED;

    Set<State> successors() {
      return switch (this) {
        case FIRST -> EnumSet.of(SECURITY, OPERATIONAL, ENDED);
        case SECURITY -> EnumSet.of(OPERATIONAL, ENDED);
        case OPERATIONAL -> EnumSet.of(ENDED);
        case ENDED -> EnumSet.noneOf(State.class);
      };
    }
  }

  private final LoginEnvironment environment;
  private final LoginSettings settings;
  private final RandomGenerator random;
  private final TextAssembly received;

  /** What is to be sent and didn't fit into a response yet. */
  private final ByteBuf unsent = Unpooled.buffer();

  private State state = State.FIRST;
  private int exchanges;
  private int statSn;

  /** The first request's header, which later ones must agree with. */
  private @Nullable LoginRequest first;

  /** Who logs in to what; set once the first text is complete. */
  private @Nullable Login login;

  private @Nullable String initiatorAlias;

  /** What waits for a decision. */
  private @Nullable Waiting waiting;

  private record Waiting(LoginRequest request, LoginQuery query, TextPairs text) {}

  /** What is known from the first complete text on. */
  private record Login(
      LoginQuery query, Authenticator authenticator, ParameterNegotiation negotiation) {}

  public LoginPhase(LoginEnvironment environment, LoginSettings settings) {
    this(environment, settings, new SecureRandom());
  }

  /**
   * @param random makes CHAP challenges; tests may give a seeded one
   */
  LoginPhase(LoginEnvironment environment, LoginSettings settings, RandomGenerator random) {
    this.environment = environment;
    this.settings = settings;
    this.random = random;
    this.received = new TextAssembly(settings.textLimits());
  }

  /**
   * Takes the next request.
   *
   * @param request taken over: its data are released here
   * @throws IllegalStateException after a step that isn't {@link LoginStep.Continue}
   */
  public LoginStep receive(LoginRequest request) {
    try {
      if (state == State.ENDED || waiting != null) {
        throw new IllegalStateException("this login phase has ended, or waits for a decision");
      }
      Refusal refusal = checkHeader(request);
      if (refusal != null) {
        return fail(request, refusal);
      }
      received.add(request.data());
      if (request.more()) {
        return new LoginStep.Continue(response(request, false, false, Unpooled.EMPTY_BUFFER));
      }
      TextPairs text = received.complete();
      return login == null ? begin(request, text) : proceed(request, login, text);
    } catch (MalformedTextException e) {
      return fail(
          request, new Refusal(LoginStatus.INITIATOR_ERROR, String.valueOf(e.getMessage())));
    } finally {
      request.release();
    }
  }

  private @Nullable Refusal checkHeader(LoginRequest request) {
    LoginRequest before = first == null ? request : first;
    first = before;
    exchanges++;
    if (exchanges > settings.maxExchanges()) {
      return error("the login takes more than %d requests".formatted(settings.maxExchanges()));
    }
    if (request.versionMin() > LoginResponse.VERSION) {
      return new Refusal(
          LoginStatus.UNSUPPORTED_VERSION,
          "the initiator speaks versions %d to %d, this target version %d"
              .formatted(request.versionMin(), request.versionMax(), LoginResponse.VERSION));
    }
    if (request.transit() && request.more()) {
      return error("the T and C bits are both set");
    }
    if (request.more() && unsent.isReadable()) {
      return error("new text before the answer to the last was taken");
    }
    if (request.currentStage() == LoginStage.FULL_FEATURE_PHASE
        || (request.transit()
            && request.nextStage().wireValue() <= request.currentStage().wireValue())) {
      return error(
          "a transition from %s to %s".formatted(request.currentStage(), request.nextStage()));
    }
    if (!before.isid().equals(request.isid())
        || before.tsih() != request.tsih()
        || before.connectionId() != request.connectionId()
        || before.initiatorTaskTag() != request.initiatorTaskTag()) {
      return error("the ISID, TSIH, CID or task tag changed in the middle of the login");
    }
    LoginStage stage = state == State.FIRST ? before.currentStage() : stageOf(state);
    if (request.currentStage() != stage) {
      return error("a request of stage %s in stage %s".formatted(request.currentStage(), stage));
    }
    return null;
  }

  /** The first text is complete: find out who wants what, and whether it is here. */
  private LoginStep begin(LoginRequest request, TextPairs text) throws MalformedTextException {
    String type = text.get(TextKey.SESSION_TYPE);
    SessionType sessionType = type == null ? SessionType.NORMAL : SessionType.parse(type);
    String initiator = text.get(TextKey.INITIATOR_NAME);
    if (initiator == null) {
      return fail(request, missing(TextKey.INITIATOR_NAME));
    }
    String target = sessionType == SessionType.NORMAL ? text.get(TextKey.TARGET_NAME) : null;
    if (sessionType == SessionType.NORMAL && target == null) {
      return fail(request, missing(TextKey.TARGET_NAME));
    }
    IscsiName targetName = null;
    if (target != null) {
      try {
        targetName = IscsiName.parse(TextKey.TARGET_NAME.wireName(), target);
      } catch (MalformedTextException e) {
        return fail(request, new Refusal(LoginStatus.NOT_FOUND, String.valueOf(e.getMessage())));
      }
    }
    LoginQuery query =
        new LoginQuery(
            sessionType,
            IscsiName.parse(TextKey.INITIATOR_NAME.wireName(), initiator),
            targetName,
            request.isid(),
            request.tsih(),
            request.connectionId());
    TargetLookup lookup = environment.lookup(query);
    if (lookup instanceof TargetLookup.Undecided undecided) {
      waiting = new Waiting(request, query, text);
      request.data().retain();
      return new LoginStep.Waiting(request, exchanges == 1, undecided.decision());
    }
    return settle(request, query, text, lookup);
  }

  /**
   * Goes on after {@link LoginStep.Waiting}.
   *
   * @param lookup a redirection, a refusal, or that the target is here
   */
  public LoginStep decided(TargetLookup lookup) {
    Waiting was = Objects.requireNonNull(waiting, "nothing was to be decided");
    waiting = null;
    try {
      return settle(was.request, was.query, was.text, lookup);
    } catch (MalformedTextException e) {
      return fail(
          was.request, new Refusal(LoginStatus.INITIATOR_ERROR, String.valueOf(e.getMessage())));
    }
  }

  /** Where the login belongs is known. Of the request only the header is used. */
  private LoginStep settle(
      LoginRequest request, LoginQuery query, TextPairs text, TargetLookup lookup)
      throws MalformedTextException {
    if (lookup instanceof TargetLookup.Refused refused) {
      return fail(request, new Refusal(refused.status(), refused.reason()));
    }
    if (lookup instanceof TargetLookup.Moved moved) {
      return redirect(request, moved);
    }
    TargetLookup.Found found = (TargetLookup.Found) lookup;
    boolean security = request.currentStage() == LoginStage.SECURITY_NEGOTIATION;
    Login begun =
        new Login(
            query,
            new Authenticator(found.authentication(), random),
            new ParameterNegotiation(query.sessionType(), settings.parameters()));
    if (!security && !begun.authenticator.isSatisfied()) {
      return fail(request, unauthenticated());
    }
    login = begun;
    transition(security ? State.SECURITY : State.OPERATIONAL, "the first request asks for it");
    TextPairs.Builder reply = TextPairs.builder();
    if (query.sessionType() == SessionType.NORMAL) {
      begun.negotiation.declarePortalGroup(found.portalGroupTag(), reply);
      if (!found.targetAlias().isEmpty()) {
        reply.add(TextKey.TARGET_ALIAS, found.targetAlias());
      }
    }
    return negotiate(request, begun, text, reply);
  }

  private LoginStep proceed(LoginRequest request, Login login, TextPairs text)
      throws MalformedTextException {
    if (unsent.isReadable() && !text.isEmpty()) {
      return fail(request, error("new text before the answer to the last was taken"));
    }
    return negotiate(request, login, text, TextPairs.builder());
  }

  private LoginStep negotiate(
      LoginRequest request, Login login, TextPairs text, TextPairs.Builder reply)
      throws MalformedTextException {
    Refusal refusal = login.authenticator.receive(text, reply);
    for (TextPair pair : text) {
      if (refusal == null) {
        refusal = receive(login, pair, reply);
      }
    }
    if (refusal != null) {
      return fail(request, refusal);
    }
    return answer(request, login, reply);
  }

  /** Takes one pair; those of the security negotiation are the authenticator's. */
  private @Nullable Refusal receive(Login login, TextPair pair, TextPairs.Builder reply)
      throws MalformedTextException {
    TextKey key = TextKey.ofWireName(pair.key());
    if (key == null) {
      if (!pair.value().equals(TextKey.NOT_UNDERSTOOD)) {
        reply.add(pair.key(), TextKey.NOT_UNDERSTOOD);
      }
      return null;
    }
    return switch (key) {
      case INITIATOR_NAME -> checkSame(key, pair.value(), login.query.initiatorName().value());
      case SESSION_TYPE -> checkSame(key, pair.value(), login.query.sessionType().wireName());
      case TARGET_NAME ->
          login.query.targetName() == null
              ? null
              : checkSame(key, pair.value(), login.query.targetName().value());
      case INITIATOR_ALIAS -> {
        initiatorAlias = pair.value();
        yield null;
      }
      case TARGET_ALIAS, TARGET_ADDRESS, TARGET_PORTAL_GROUP_TAG ->
          error("%s is the target's to say".formatted(pair.key()));
      case SEND_TARGETS -> error("SendTargets in the login phase; it belongs after it");
      case AUTH_METHOD, CHAP_A, CHAP_I, CHAP_C, CHAP_N, CHAP_R -> {
        // jSCSI says AuthMethod=None in the operational stage. It asks for nothing there: whoever
        // has
        // something to prove does not get that far without.
        boolean isHarmless = key == TextKey.AUTH_METHOD && pair.value().equals("None");
        yield state == State.SECURITY || isHarmless
            ? null
            : error("%s outside of the security negotiation".formatted(pair.key()));
      }
      default -> {
        // Some initiators bring operational keys along with the security ones; no harm is in it.
        login.negotiation.receive(key, pair.value(), reply);
        yield null;
      }
    };
  }

  /** Some initiators repeat who they are in every request; they may not become another. */
  private static @Nullable Refusal checkSame(TextKey key, String value, String before) {
    return value.equalsIgnoreCase(before)
        ? null
        : error("%s changed in the middle of the login".formatted(key.wireName()));
  }

  private LoginStep answer(LoginRequest request, Login login, TextPairs.Builder reply) {
    boolean wantsToEnd = request.transit() && request.nextStage() == LoginStage.FULL_FEATURE_PHASE;
    if (request.transit() && state == State.SECURITY) {
      Authenticator authenticator = login.authenticator;
      if (!authenticator.isSatisfied() && !authenticator.isUnderWay()) {
        return fail(request, unauthenticated());
      }
    }
    boolean granted =
        request.transit() && (state != State.SECURITY || login.authenticator.isSatisfied());
    if (state == State.OPERATIONAL || (granted && wantsToEnd)) {
      login.negotiation.declare(reply);
    }
    if (granted && wantsToEnd && !login.negotiation.missingDigest().isEmpty()) {
      return fail(
          request,
          error(
              "this target takes no sessions without %s; set it at the initiator"
                  .formatted(login.negotiation.missingDigest())));
    }
    unsent.writeBytes(reply.build().toBytes());
    int length = Math.min(unsent.readableBytes(), login.negotiation.peerMaxRecvDataSegmentLength());
    ByteBuf data = Unpooled.copiedBuffer(unsent.readSlice(length));
    boolean more = unsent.isReadable();
    unsent.discardReadBytes();
    LoginResponse response = response(request, granted && !more, more, data);
    if (!response.transit()) {
      return new LoginStep.Continue(response);
    }
    if (!wantsToEnd) {
      transition(State.OPERATIONAL, "the initiator asks for it");
      return new LoginStep.Continue(response);
    }
    transition(State.ENDED, "the initiator is through");
    return new LoginStep.Completed(outcome(request, login), response);
  }

  private LoginOutcome outcome(LoginRequest request, Login login) {
    LoginQuery query = login.query;
    return new LoginOutcome(
        query.sessionType(),
        query.initiatorName(),
        initiatorAlias,
        query.targetName(),
        query.isid(),
        query.tsih(),
        query.connectionId(),
        login.negotiation.result(),
        request.cmdSn(),
        statSn);
  }

  private LoginResponse response(
      LoginRequest request, boolean transit, boolean more, ByteBuf data) {
    return new LoginResponse(
        transit,
        more,
        request.currentStage(),
        transit ? request.nextStage() : request.currentStage(),
        request.isid(),
        request.tsih(),
        request.initiatorTaskTag(),
        statSn++,
        // Login requests are immediate: none of them uses up a CmdSN.
        request.cmdSn(),
        request.cmdSn(),
        LoginStatus.SUCCESS,
        data);
  }

  private LoginStep redirect(LoginRequest request, TargetLookup.Moved moved) {
    transition(State.ENDED, "the target is at " + moved.address());
    TextPairs text =
        TextPairs.builder().add(TextKey.TARGET_ADDRESS, moved.address().toString()).build();
    return new LoginStep.Redirected(
        unsuccessful(
            request,
            moved.permanently()
                ? LoginStatus.TARGET_MOVED_PERMANENTLY
                : LoginStatus.TARGET_MOVED_TEMPORARILY,
            Unpooled.wrappedBuffer(text.toBytes())),
        moved.address());
  }

  private LoginStep fail(LoginRequest request, Refusal refusal) {
    transition(State.ENDED, refusal.reason());
    return new LoginStep.Failed(
        unsuccessful(request, refusal.status(), Unpooled.EMPTY_BUFFER), refusal.reason());
  }

  /**
   * Sequence numbers mean nothing without success (clause 11.13.4), and jSCSI wants a StatSN of 0.
   */
  private static LoginResponse unsuccessful(
      LoginRequest request, LoginStatus status, ByteBuf data) {
    return new LoginResponse(
        false,
        false,
        request.currentStage(),
        request.currentStage(),
        request.isid(),
        request.tsih(),
        request.initiatorTaskTag(),
        0,
        request.cmdSn(),
        request.cmdSn(),
        status,
        data);
  }

  private static Refusal error(String reason) {
    return new Refusal(LoginStatus.INITIATOR_ERROR, reason);
  }

  private static Refusal missing(TextKey key) {
    return new Refusal(
        LoginStatus.MISSING_PARAMETER,
        "%s is missing from the first login request".formatted(key.wireName()));
  }

  private static Refusal unauthenticated() {
    return new Refusal(
        LoginStatus.AUTHENTICATION_FAILURE,
        "the initiator skips authentication, but CHAP is required; set its name and secret there");
  }

  private static LoginStage stageOf(State state) {
    return state == State.SECURITY
        ? LoginStage.SECURITY_NEGOTIATION
        : LoginStage.LOGIN_OPERATIONAL_NEGOTIATION;
  }

  private void transition(State to, String reason) {
    if (!state.successors().contains(to)) {
      throw new IllegalStateException("a login phase goes from " + state + " to " + to);
    }
    LoginRequest request = Objects.requireNonNull(first);
    log.debug("login of ISID {}: {} -> {}: {}", request.isid(), state, to, reason);
    state = to;
  }
}
