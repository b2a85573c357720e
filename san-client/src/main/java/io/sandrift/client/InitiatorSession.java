package io.sandrift.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.iscsi.codec.PduFault;
import io.sandrift.iscsi.pdu.AsyncMessage;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataIn;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LogoutRequest;
import io.sandrift.iscsi.pdu.LogoutResponse;
import io.sandrift.iscsi.pdu.NopIn;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.ReadyToTransfer;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.iscsi.pdu.ScsiResponse;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.pdu.TextResponse;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextPairs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An initiator's session: one nexus as long as the device is open, over one connection after the
 * other. Confined to its event loop, but for the methods that say otherwise.
 *
 * <pre>
 *              ┌──────── redirected ────────┐
 *   CONNECTING ──▶ LOGGING_IN ──▶ OPEN ──logout asked for──▶ DRAINING
 *       ▲              │            │                            │
 *       └── WAITING ◀──┴── failed ──┴── connection lost ─────────┘
 *             │
 *             └── too long, or closed by the user ──▶ CLOSED
 * </pre>
 *
 * <p>When a connection is lost, what was not answered goes to the head of the queue in its old
 * order, and is sent again in the next session. That one has the same ISID, so that the target ends
 * the old one, and all of its I/O, first: no write of the old session can land after one of the
 * new.
 */
final class InitiatorSession implements InitiatorConnection.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(InitiatorSession.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration CLOCK_STEP = Duration.ofMillis(100);
  private static final Duration LOGOUT_TIMEOUT = Duration.ofSeconds(2);

  private enum State {
    CONNECTING,
    LOGGING_IN,
    OPEN,
    DRAINING,
    WAITING,
    CLOSED
  }

  private final InitiatorOptions options;
  private final @Nullable String targetName;
  private final long lun;
  private final Isid isid;
  private final Bootstrap bootstrap;
  private final EventLoop eventLoop;
  private final PortalChoice portals;

  private final CompletableFuture<SessionParameters> opened = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final RequestQueue requests;
  private final SessionNumbers numbers = new SessionNumbers();

  private State state = State.WAITING;
  private @Nullable InitiatorConnection connection;
  private @Nullable LoginExchange login;
  private @Nullable SessionParameters parameters;
  private @Nullable ScheduledFuture<?> loginTimer;
  private @Nullable ScheduledFuture<?> clock;
  private volatile String portal = "";

  private long lostAtNanos;
  private int failedAttempts;
  private String lastFailure = "";
  private boolean isPingUnderWay;
  private long sessions;
  private boolean closeWhenLoggedOut;
  private volatile Runnable onCapacityChange = () -> {};

  /** In a discovery session. */
  private @Nullable TextExchange question;

  /**
   * @param targetName null for a discovery session
   * @param bootstrap with a group and a channel type
   */
  InitiatorSession(
      InitiatorOptions options,
      List<TargetAddress> portals,
      @Nullable String targetName,
      int lun,
      Isid isid,
      Bootstrap bootstrap) {
    this.options = options;
    this.targetName = targetName;
    this.lun = (long) lun << 48;
    this.isid = isid;
    this.requests = new RequestQueue(options.queueDepth());
    this.portals = new PortalChoice(portals, options.maxRedirects());
    this.eventLoop = bootstrap.config().group().next();
    this.bootstrap =
        bootstrap
            .clone(eventLoop)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) options.connectTimeout().toMillis())
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel created) {
                    InitiatorConnection.install(created, InitiatorSession.this);
                  }
                });
  }

  // ---- From any thread.

  /** Begins; completes with the first session's parameters, or fails when no portal lets it in. */
  CompletableFuture<SessionParameters> open() {
    eventLoop.execute(
        () -> {
          lostAtNanos = System.nanoTime();
          clock =
              eventLoop.scheduleWithFixedDelay(
                  this::tick, CLOCK_STEP.toMillis(), CLOCK_STEP.toMillis(), TimeUnit.MILLISECONDS);
          connect(portals.begin());
        });
    return opened;
  }

  /** Sends a request as soon as there is room for it. */
  void submit(ScsiRequest request) {
    eventLoop.execute(
        () -> {
          if (state == State.CLOSED) {
            request.outcome.completeExceptionally(new IOException("the device is closed"));
            return;
          }
          requests.add(request);
          pump();
        });
  }

  /** Asks for text in a discovery session. */
  CompletableFuture<TextPairs> ask(TextPairs pairs) {
    CompletableFuture<TextPairs> outcome = new CompletableFuture<>();
    eventLoop.execute(
        () -> {
          if (state != State.OPEN || question != null) {
            outcome.completeExceptionally(new IOException("the discovery session is not open"));
            return;
          }
          question = new TextExchange(outcome);
          sendText(
              numbers.nextTag(), BasicHeader.RESERVED_TAG, Unpooled.wrappedBuffer(pairs.toBytes()));
        });
    return outcome;
  }

  /** Logs out, and fails what is under way. */
  CompletableFuture<Void> close() {
    eventLoop.execute(this::logOutAndClose);
    return closed;
  }

  /** Where the session is now. */
  String portal() {
    return portal;
  }

  // ---- Connecting.

  private void connect(TargetAddress address) {
    state = State.CONNECTING;
    portal = address.host() + ":" + address.port();
    ChannelFuture connecting = bootstrap.connect(address.host(), address.port());
    connecting.addListener(
        done -> {
          if (!done.isSuccess() && state == State.CONNECTING) {
            attemptFailed(
                "no connection to " + portal + " (" + done.cause().getMessage() + ")", true);
          }
        });
  }

  @Override
  public void connected(InitiatorConnection established) {
    if (state != State.CONNECTING) {
      established.close();
      return;
    }
    state = State.LOGGING_IN;
    connection = established;
    LoginExchange exchange = new LoginExchange(options, targetName, isid);
    login = exchange;
    loginTimer =
        eventLoop.schedule(
            () ->
                attemptFailed(
                    "no end of the login at "
                        + portal
                        + " within "
                        + options.loginTimeout().toSeconds()
                        + " s",
                    true),
            options.loginTimeout().toMillis(),
            TimeUnit.MILLISECONDS);
    send(exchange.first());
  }

  private void loginResponse(LoginResponse response) {
    LoginExchange.Step step = Objects.requireNonNull(login).receive(response);
    if (step instanceof LoginExchange.Send next) {
      send(next.request());
    } else if (step instanceof LoginExchange.Redirected moved) {
      dropConnection();
      TargetAddress next = portals.redirected(moved.address(), moved.permanently());
      if (next == null) {
        attemptFailed(
            "redirected to "
                + moved.address()
                + " after "
                + options.maxRedirects()
                + " redirections or in a circle; it was not followed",
            true);
      } else {
        LOG.debug("redirected to {}", moved.address());
        connect(next);
      }
    } else if (step instanceof LoginExchange.Failed failed) {
      attemptFailed(failed.reason(), failed.mayRetry());
    } else if (step instanceof LoginExchange.Done done) {
      loggedIn(done);
    }
  }

  private void loggedIn(LoginExchange.Done done) {
    cancel(loginTimer);
    login = null;
    parameters = done.parameters();
    numbers.begin(done.cmdSn(), done.maxCmdSn(), done.expStatSn());
    Objects.requireNonNull(connection).use(parameters);
    portals.succeeded();
    failedAttempts = 0;
    isPingUnderWay = false;
    state = State.OPEN;
    sessions++;
    LOG.debug("logged in at {}, session {} of this device", portal, sessions);
    opened.complete(parameters);
    pump();
  }

  /**
   * This portal won't do now: on to the next one, at once within a round of the list, and after a
   * pause between rounds.
   */
  private void attemptFailed(String reason, boolean mayRetry) {
    if (state == State.CLOSED) {
      return;
    }
    lastFailure = reason;
    dropConnection();
    failedAttempts++;
    boolean wholeRound = failedAttempts % portals.size() == 0;
    boolean isFirst = !opened.isDone();
    boolean isTooLate = System.nanoTime() - lostAtNanos > options.reconnectTimeout().toNanos();
    // The first time round, a wrong address or a wrong secret is to be said at once; later on,
    // patience.
    if (isTooLate || (wholeRound && (!mayRetry || isFirst))) {
      fail(reason);
      return;
    }
    state = State.WAITING;
    if (!wholeRound) {
      connect(portals.begin());
      return;
    }
    int rounds = failedAttempts / portals.size();
    long pause =
        Math.min(FIRST_PAUSE.toMillis() << Math.min(rounds - 1, 10), LONGEST_PAUSE.toMillis());
    eventLoop.schedule(
        () -> {
          if (state == State.WAITING) {
            connect(portals.begin());
          }
        },
        pause,
        TimeUnit.MILLISECONDS);
  }

  private void connectionLost(String reason, long pauseMillis) {
    if (state == State.CLOSED || state == State.WAITING || state == State.CONNECTING) {
      return;
    }
    if (state == State.LOGGING_IN) {
      attemptFailed("the connection to " + portal + " was closed in the middle of the login", true);
      return;
    }
    LOG.debug("session at {} lost: {}", portal, reason);
    lastFailure = reason;
    lostAtNanos = System.nanoTime();
    dropConnection();
    requests.requeue();
    if (question != null) {
      question.fail(reason);
      question = null;
    }
    if (targetName == null) {
      fail(reason);
      return;
    }
    state = State.WAITING;
    eventLoop.schedule(
        () -> {
          if (state == State.WAITING) {
            connect(portals.begin());
          }
        },
        pauseMillis,
        TimeUnit.MILLISECONDS);
  }

  private void dropConnection() {
    cancel(loginTimer);
    login = null;
    InitiatorConnection old = connection;
    connection = null;
    if (old != null) {
      old.close();
    }
  }

  /** Ends it all: nothing will be sent any more. */
  private void fail(String reason) {
    state = State.CLOSED;
    cancel(clock);
    dropConnection();
    opened.completeExceptionally(new IOException(reason));
    requests.failAll(reason);
    closed.complete(null);
  }

  private void logOutAndClose() {
    if (state == State.CLOSED) {
      closed.complete(null);
      return;
    }
    if (state != State.OPEN) {
      fail("the device is closed");
      return;
    }
    state = State.DRAINING;
    requests.failAll("the device is closed");
    sendLogout();
    Objects.requireNonNull(connection).flush();
    closeWhenLoggedOut = true;
    eventLoop.schedule(
        () -> fail("the device is closed"), LOGOUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  // ---- Sending.

  private void pump() {
    while (state == State.OPEN && numbers.isWindowOpen()) {
      ScsiRequest request = requests.poll();
      if (request == null) {
        return;
      }
      issue(request);
    }
  }

  private void issue(ScsiRequest request) {
    SessionParameters terms = Objects.requireNonNull(parameters);
    requests.sent(request, numbers.nextTag());
    int out = request.lengthOut();
    int first = Math.min(out, terms.firstBurstLength());
    int immediate =
        terms.immediateData() ? Math.min(first, terms.peerMaxRecvDataSegmentLength()) : 0;
    boolean hasUnsolicited = !terms.initialR2T() && immediate < first;
    send(
        new ScsiCommand(
            false,
            !hasUnsolicited,
            request.lengthIn() > 0,
            out > 0,
            ScsiCommand.Attribute.SIMPLE,
            lun,
            request.initiatorTaskTag,
            out > 0 ? out : request.lengthIn(),
            0,
            numbers.takeCmdSn(),
            numbers.expStatSn(),
            request.cdb,
            slice(request.from, 0, immediate)));
    if (hasUnsolicited) {
      sendData(request, BasicHeader.RESERVED_TAG, immediate, first - immediate);
    }
  }

  /** Sends a sequence of Data-Out. */
  private void sendData(ScsiRequest request, int transferTag, int offset, int length) {
    int segment = Objects.requireNonNull(parameters).peerMaxRecvDataSegmentLength();
    int dataSn = 0;
    for (int done = 0; done < length; ) {
      int part = Math.min(segment, length - done);
      boolean isLast = done + part == length;
      send(
          new DataOut(
              isLast,
              lun,
              request.initiatorTaskTag,
              transferTag,
              numbers.expStatSn(),
              dataSn++,
              offset + done,
              slice(request.from, offset + done, part)));
      done += part;
    }
  }

  private static ByteBuf slice(@Nullable ByteBuffer from, int offset, int length) {
    return from == null || length == 0
        ? Unpooled.EMPTY_BUFFER
        : Unpooled.wrappedBuffer(from.slice(offset, length));
  }

  private void send(InitiatorPdu pdu) {
    if (connection == null) {
      pdu.release();
    } else {
      connection.send(pdu);
    }
  }

  private void sendText(int task, int transferTag, ByteBuf data) {
    send(
        new TextRequest(
            true, true, false, 0, task, transferTag, numbers.cmdSn(), numbers.expStatSn(), data));
  }

  private void sendLogout() {
    send(
        new LogoutRequest(
            true,
            LogoutRequest.CLOSE_SESSION,
            numbers.nextTag(),
            0,
            numbers.cmdSn(),
            numbers.expStatSn()));
  }

  private void sendNop(long toLun, int task, int transferTag) {
    send(
        new NopOut(
            true,
            toLun,
            task,
            transferTag,
            numbers.cmdSn(),
            numbers.expStatSn(),
            Unpooled.EMPTY_BUFFER));
  }

  // ---- Receiving.

  @Override
  public void received(InitiatorConnection from, Pdu pdu) {
    if (from != connection) {
      return;
    }
    if (pdu instanceof LoginResponse response) {
      if (state == State.LOGGING_IN) {
        loginResponse(response);
      }
    } else if (state == State.LOGGING_IN) {
      attemptFailed("the target at " + portal + " answered the login with " + pdu.opcode(), true);
    } else if (pdu instanceof DataIn dataIn) {
      numbers.window(dataIn.expCmdSn(), dataIn.maxCmdSn());
      dataIn(dataIn);
    } else if (pdu instanceof ScsiResponse response) {
      status(response.statSn(), response.expCmdSn(), response.maxCmdSn());
      response(response);
    } else if (pdu instanceof ReadyToTransfer r2t) {
      numbers.window(r2t.expCmdSn(), r2t.maxCmdSn());
      readyToTransfer(r2t);
    } else if (pdu instanceof NopIn nopIn) {
      nopIn(nopIn);
    } else if (pdu instanceof AsyncMessage message) {
      status(message.statSn(), message.expCmdSn(), message.maxCmdSn());
      asyncMessage(message);
    } else if (pdu instanceof TextResponse response) {
      status(response.statSn(), response.expCmdSn(), response.maxCmdSn());
      textResponse(response);
    } else if (pdu instanceof LogoutResponse response) {
      loggedOut(response);
    } else if (pdu instanceof Reject reject) {
      // Whatever it was about will never be answered: a new session has it answered.
      connectionLost("the target rejected a PDU, reason 0x%02x".formatted(reject.reason()), 0);
    }
  }

  private void status(int statSn, int expCmdSn, int maxCmdSn) {
    numbers.status(statSn);
    numbers.window(expCmdSn, maxCmdSn);
  }

  private void dataIn(DataIn pdu) {
    ScsiRequest request = requests.underWay(pdu.initiatorTaskTag());
    if (pdu.hasStatus()) {
      numbers.status(pdu.statSn());
    }
    if (request == null) {
      return;
    }
    int length = pdu.data().readableBytes();
    ByteBuffer into = request.into;
    if (into == null
        || pdu.bufferOffset() + length > into.limit()
        || pdu.bufferOffset() != request.received) {
      connectionLost("the target sent data that have no place in the request", 0);
      return;
    }
    if (length > 0) {
      pdu.data().getBytes(pdu.data().readerIndex(), into.slice((int) pdu.bufferOffset(), length));
      request.received += length;
    }
    if (pdu.hasStatus()) {
      end(request, new CommandAnswer(pdu.status(), SenseText.NONE));
    }
  }

  private void response(ScsiResponse pdu) {
    ScsiRequest request = requests.underWay(pdu.initiatorTaskTag());
    if (request == null) {
      return;
    }
    if (pdu.response() != ScsiResponse.COMPLETED) {
      connectionLost("the target failed (response 0x%02x)".formatted(pdu.response()), 0);
      return;
    }
    end(request, new CommandAnswer(pdu.status(), SenseText.parse(pdu.data())));
  }

  /** Has it run, on the event loop, whenever the target says that the unit has another size. */
  void onCapacityChange(Runnable listener) {
    onCapacityChange = listener;
  }

  private void end(ScsiRequest request, CommandAnswer answer) {
    requests.answered(request, answer);
    if (answer.sense().isCapacityChange()) {
      onCapacityChange.run();
    }
    logOutIfDrained();
    pump();
  }

  private void logOutIfDrained() {
    if (state == State.DRAINING && requests.isIdle() && !closeWhenLoggedOut) {
      sendLogout();
    }
  }

  private void readyToTransfer(ReadyToTransfer pdu) {
    ScsiRequest request = requests.underWay(pdu.initiatorTaskTag());
    if (request == null) {
      return;
    }
    if (pdu.bufferOffset() + pdu.desiredLength() > request.lengthOut()
        || pdu.desiredLength() == 0) {
      connectionLost("the target asks for data that the request doesn't have", 0);
      return;
    }
    sendData(request, pdu.targetTransferTag(), (int) pdu.bufferOffset(), (int) pdu.desiredLength());
  }

  private void nopIn(NopIn pdu) {
    numbers.window(pdu.expCmdSn(), pdu.maxCmdSn());
    if (pdu.initiatorTaskTag() != BasicHeader.RESERVED_TAG) {
      numbers.status(pdu.statSn());
      isPingUnderWay = false;
    }
    if (pdu.targetTransferTag() != BasicHeader.RESERVED_TAG) {
      sendNop(pdu.lun(), BasicHeader.RESERVED_TAG, pdu.targetTransferTag());
    }
    pump();
  }

  private void asyncMessage(AsyncMessage message) {
    switch (message.event()) {
      case AsyncMessage.LOGOUT_REQUESTED -> {
        if (state == State.OPEN) {
          LOG.debug("the target at {} asks for a logout", portal);
          state = State.DRAINING;
          logOutIfDrained();
        }
      }
      case AsyncMessage.CONNECTION_WILL_DROP, AsyncMessage.SESSION_WILL_DROP ->
          connectionLost(
              "the target drops the session", TimeUnit.SECONDS.toMillis(message.parameter2()));
      default -> LOG.debug("asynchronous event {} from {}", message.event(), portal);
    }
  }

  private void textResponse(TextResponse response) {
    if (question == null) {
      return;
    }
    if (question.receive(response)) {
      sendText(response.initiatorTaskTag(), response.targetTransferTag(), Unpooled.EMPTY_BUFFER);
    } else {
      question = null;
    }
  }

  private void loggedOut(LogoutResponse response) {
    if (closeWhenLoggedOut) {
      fail("the device is closed");
    } else {
      connectionLost(
          "logged out, as the target asked", TimeUnit.SECONDS.toMillis(response.time2Wait()));
    }
  }

  @Override
  public void unreadable(InitiatorConnection from, PduFault fault) {
    if (from == connection) {
      connectionLost("the target's PDU can't be read: " + fault.detail(), 0);
    }
  }

  @Override
  public void lost(InitiatorConnection from) {
    if (from != connection) {
      return;
    }
    if (closeWhenLoggedOut) {
      fail("the device is closed");
    } else {
      connectionLost("the connection to " + portal + " was lost", 0);
    }
  }

  // ---- Time.

  private void tick() {
    long now = System.nanoTime();
    expire(now);
    switch (state) {
      case OPEN, DRAINING -> {
        keepAlive(now);
        pump();
      }
      case CONNECTING, LOGGING_IN, WAITING -> {
        if (opened.isDone() && now - lostAtNanos > options.reconnectTimeout().toNanos()) {
          fail(
              "no session for "
                  + options.reconnectTimeout().toSeconds()
                  + " s; the last attempt: "
                  + lastFailure);
        }
      }
      case CLOSED -> {}
    }
  }

  private void keepAlive(long now) {
    long silence = now - Objects.requireNonNull(connection).lastHeardNanos();
    if (isPingUnderWay && silence > options.nopInterval().plus(options.nopTimeout()).toNanos()) {
      connectionLost("the target at " + portal + " is silent", 0);
    } else if (!isPingUnderWay && silence > options.nopInterval().toNanos()) {
      isPingUnderWay = true;
      sendNop(0, numbers.nextTag(), BasicHeader.RESERVED_TAG);
    }
  }

  private void expire(long now) {
    String when = " within " + options.commandTimeout().toMillis() + " ms";
    String why =
        lastFailure.isEmpty() || state == State.OPEN
            ? ""
            : "; the last attempt to get a session: " + lastFailure;
    if (requests.expire(now, "no answer from the target" + when + why)) {
      // The target may still carry it out; only a new session is sure to end it.
      connectionLost("a request was not answered" + when, 0);
    }
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
