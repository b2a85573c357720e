package io.sandrift.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.codec.PduFault;
import io.sandrift.iscsi.codec.PduReceiveAllocator;
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
import io.sandrift.iscsi.pdu.SerialNumber;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.pdu.TextResponse;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPairs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
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
final class InitiatorSession {

  private static final Logger LOG = LoggerFactory.getLogger(InitiatorSession.class);

  private static final int LOGIN_SEGMENT_BYTES = 8192;
  private static final int RECEIVE_BYTES = 64 * 1024;

  /**
   * How often a request is tried again after an answer that asks for it, such as a unit attention.
   */
  private static final int MAX_RETRIES = 16;

  private static final long BUSY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration CLOCK_STEP = Duration.ofMillis(100);
  private static final Duration LOGOUT_TIMEOUT = Duration.ofSeconds(2);

  private static final int STATUS_GOOD = 0x00;
  private static final int STATUS_CHECK_CONDITION = 0x02;
  private static final int STATUS_CONDITION_MET = 0x04;
  private static final int STATUS_BUSY = 0x08;
  private static final int STATUS_RESERVATION_CONFLICT = 0x18;
  private static final int STATUS_TASK_SET_FULL = 0x28;

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
  private final ArrayDeque<ScsiRequest> queue = new ArrayDeque<>();
  private final IntObjectMap<ScsiRequest> underWay = new IntObjectHashMap<>();

  private State state = State.WAITING;
  private @Nullable Channel channel;
  private @Nullable LoginExchange login;
  private @Nullable PduDecoder decoder;
  private PduEncoder encoder = new PduEncoder();
  private @Nullable SessionParameters parameters;
  private @Nullable ScheduledFuture<?> loginTimer;
  private @Nullable ScheduledFuture<?> clock;
  private volatile String portal = "";

  private int cmdSn;
  private int maxCmdSn;
  private int expStatSn;
  private int lastTag;
  private long lostAtNanos;
  private int failedAttempts;
  private String lastFailure = "";
  private long lastHeardNanos;
  private boolean isPingUnderWay;
  private boolean isTurn;
  private boolean isFlushScheduled;
  private long sessions;
  private boolean closeWhenLoggedOut;

  /** The text exchange under way, in a discovery session. */
  private @Nullable CompletableFuture<TextPairs> textOutcome;

  private final TextAssembly text = new TextAssembly(new TextLimits(16 * 1024 * 1024, 200_000));

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
                    PduDecoder fresh =
                        new PduDecoder(PduDecoder.Sender.TARGET, LOGIN_SEGMENT_BYTES);
                    created
                        .config()
                        .setRecvByteBufAllocator(new PduReceiveAllocator(fresh, RECEIVE_BYTES));
                    created.pipeline().addLast(fresh, new Handler(fresh));
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
          queue.add(request);
          pump();
        });
  }

  /** Asks for text in a discovery session. */
  CompletableFuture<TextPairs> ask(TextPairs question) {
    CompletableFuture<TextPairs> outcome = new CompletableFuture<>();
    eventLoop.execute(
        () -> {
          if (state != State.OPEN || textOutcome != null) {
            outcome.completeExceptionally(new IOException("the discovery session is not open"));
            return;
          }
          textOutcome = outcome;
          send(
              textRequest(
                  nextTag(), BasicHeader.RESERVED_TAG, Unpooled.wrappedBuffer(question.toBytes())));
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

  private void connected(Channel established, PduDecoder itsDecoder) {
    if (state != State.CONNECTING) {
      established.close();
      return;
    }
    state = State.LOGGING_IN;
    channel = established;
    decoder = itsDecoder;
    encoder = new PduEncoder();
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
      dropChannel();
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
    cmdSn = done.cmdSn();
    expStatSn = done.expStatSn();
    maxCmdSn = done.maxCmdSn();
    Digests digests = new Digests(parameters.headerDigest(), parameters.dataDigest());
    encoder.setDigests(digests);
    Objects.requireNonNull(decoder).setDigests(digests);
    decoder.setMaxDataSegmentLength(parameters.maxRecvDataSegmentLength());
    portals.succeeded();
    failedAttempts = 0;
    lastHeardNanos = System.nanoTime();
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
    dropChannel();
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
    dropChannel();
    requeue();
    if (textOutcome != null) {
      textOutcome.completeExceptionally(new IOException(reason));
      textOutcome = null;
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

  /** What was not answered goes first in the next session, in its old order. */
  private void requeue() {
    List<ScsiRequest> unanswered = new ArrayList<>(underWay.values());
    underWay.clear();
    unanswered.sort(Comparator.comparingInt(request -> -request.initiatorTaskTag));
    for (ScsiRequest request : unanswered) {
      request.received = 0;
      queue.addFirst(request);
    }
  }

  private void dropChannel() {
    cancel(loginTimer);
    login = null;
    Channel old = channel;
    channel = null;
    if (old != null) {
      old.close();
    }
  }

  /** Ends it all: nothing will be sent any more. */
  private void fail(String reason) {
    state = State.CLOSED;
    cancel(clock);
    dropChannel();
    requeue();
    IOException failure = new IOException(reason);
    opened.completeExceptionally(failure);
    for (ScsiRequest request : queue) {
      request.outcome.completeExceptionally(new IOException(reason));
    }
    queue.clear();
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
    requeue();
    queue.forEach(
        request -> request.outcome.completeExceptionally(new IOException("the device is closed")));
    queue.clear();
    send(new LogoutRequest(true, LogoutRequest.CLOSE_SESSION, nextTag(), 0, cmdSn, expStatSn));
    flush();
    closeWhenLoggedOut = true;
    eventLoop.schedule(
        () -> fail("the device is closed"), LOGOUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  // ---- Sending.

  private void pump() {
    while (state == State.OPEN
        && !queue.isEmpty()
        && underWay.size() < options.queueDepth()
        && !SerialNumber.isBefore(maxCmdSn, cmdSn)) {
      ScsiRequest request = queue.peek();
      if (request.notBeforeNanos != 0 && System.nanoTime() - request.notBeforeNanos < 0) {
        return;
      }
      queue.remove();
      issue(request);
    }
  }

  private void issue(ScsiRequest request) {
    SessionParameters terms = Objects.requireNonNull(parameters);
    request.initiatorTaskTag = nextTag();
    request.received = 0;
    underWay.put(request.initiatorTaskTag, request);
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
            cmdSn++,
            expStatSn,
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
              expStatSn,
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
    Channel to = channel;
    if (to == null) {
      pdu.release();
      return;
    }
    int length = pdu.data().readableBytes();
    ByteBuf out = to.alloc().directBuffer(encoder.sizeOf(length));
    encoder.encode(out, pdu);
    pdu.release();
    to.write(out, to.voidPromise());
    if (!isTurn && !isFlushScheduled) {
      isFlushScheduled = true;
      eventLoop.execute(this::flush);
    }
  }

  private void flush() {
    isFlushScheduled = false;
    if (channel != null) {
      channel.flush();
    }
  }

  private int nextTag() {
    lastTag++;
    if (lastTag == BasicHeader.RESERVED_TAG) {
      lastTag = 1;
    }
    return lastTag;
  }

  private TextRequest textRequest(int task, int transferTag, ByteBuf data) {
    return new TextRequest(true, true, false, 0, task, transferTag, cmdSn, expStatSn, data);
  }

  // ---- Receiving.

  private void receive(Pdu pdu) {
    if (pdu instanceof LoginResponse response) {
      if (state == State.LOGGING_IN) {
        loginResponse(response);
      }
    } else if (state == State.LOGGING_IN) {
      attemptFailed("the target at " + portal + " answered the login with " + pdu.opcode(), true);
    } else if (pdu instanceof DataIn dataIn) {
      window(dataIn.expCmdSn(), dataIn.maxCmdSn());
      dataIn(dataIn);
    } else if (pdu instanceof ScsiResponse response) {
      status(response.statSn(), response.expCmdSn(), response.maxCmdSn());
      response(response);
    } else if (pdu instanceof ReadyToTransfer r2t) {
      window(r2t.expCmdSn(), r2t.maxCmdSn());
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

  private void status(int statSn, int expCmdSn, int newMaxCmdSn) {
    expStatSn = statSn + 1;
    window(expCmdSn, newMaxCmdSn);
  }

  private void window(int expCmdSn, int newMaxCmdSn) {
    // Clause 4.2.2.1: a window that ends before it begins, or goes back, says nothing.
    if (!SerialNumber.isBefore(newMaxCmdSn, expCmdSn - 1)
        && SerialNumber.isBefore(maxCmdSn, newMaxCmdSn)) {
      maxCmdSn = newMaxCmdSn;
    }
  }

  private void dataIn(DataIn pdu) {
    ScsiRequest request = underWay.get(pdu.initiatorTaskTag());
    if (pdu.hasStatus()) {
      expStatSn = pdu.statSn() + 1;
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
      end(request, pdu.status(), SenseText.NONE);
    }
  }

  private void response(ScsiResponse pdu) {
    ScsiRequest request = underWay.get(pdu.initiatorTaskTag());
    if (request == null) {
      return;
    }
    if (pdu.response() != ScsiResponse.COMPLETED) {
      connectionLost("the target failed (response 0x%02x)".formatted(pdu.response()), 0);
      return;
    }
    end(request, pdu.status(), SenseText.parse(pdu.data()));
  }

  private void end(ScsiRequest request, int status, SenseText sense) {
    underWay.remove(request.initiatorTaskTag);
    if (status == STATUS_GOOD || status == STATUS_CONDITION_MET) {
      request.outcome.complete(request.received);
    } else if (mayRetry(status, sense) && request.retries < MAX_RETRIES) {
      request.retries++;
      request.received = 0;
      boolean isBusy =
          status == STATUS_BUSY
              || status == STATUS_TASK_SET_FULL
              || sense.key() == SenseText.NOT_READY;
      request.notBeforeNanos = isBusy ? System.nanoTime() + BUSY_PAUSE_NANOS : 0;
      queue.addFirst(request);
    } else {
      request.outcome.completeExceptionally(failure(status, sense));
    }
    afterEnd();
  }

  private static boolean mayRetry(int status, SenseText sense) {
    return switch (status) {
      case STATUS_BUSY, STATUS_TASK_SET_FULL -> true;
      case STATUS_CHECK_CONDITION ->
          sense.key() == SenseText.UNIT_ATTENTION
              || sense.key() == SenseText.ABORTED_COMMAND
              // Becoming ready: soon it is.
              || (sense.key() == SenseText.NOT_READY && sense.additional() == 0x0401);
      default -> false;
    };
  }

  private static ScsiException failure(int status, SenseText sense) {
    String what =
        switch (status) {
          case STATUS_CHECK_CONDITION -> "the device reports " + sense.words();
          case STATUS_RESERVATION_CONFLICT -> "the device is reserved by another initiator";
          case STATUS_BUSY, STATUS_TASK_SET_FULL -> "the device stays busy";
          default -> "the device ended the command with status 0x%02x".formatted(status);
        };
    return new ScsiException(what, status, sense.key(), sense.additional());
  }

  private void afterEnd() {
    if (state == State.DRAINING && underWay.isEmpty() && !closeWhenLoggedOut) {
      send(new LogoutRequest(true, LogoutRequest.CLOSE_SESSION, nextTag(), 0, cmdSn, expStatSn));
    }
    pump();
  }

  private void readyToTransfer(ReadyToTransfer pdu) {
    ScsiRequest request = underWay.get(pdu.initiatorTaskTag());
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
    window(pdu.expCmdSn(), pdu.maxCmdSn());
    if (pdu.initiatorTaskTag() != BasicHeader.RESERVED_TAG) {
      expStatSn = pdu.statSn() + 1;
      isPingUnderWay = false;
    }
    if (pdu.targetTransferTag() != BasicHeader.RESERVED_TAG) {
      send(
          new NopOut(
              true,
              pdu.lun(),
              BasicHeader.RESERVED_TAG,
              pdu.targetTransferTag(),
              cmdSn,
              expStatSn,
              Unpooled.EMPTY_BUFFER));
    }
    pump();
  }

  private void asyncMessage(AsyncMessage message) {
    switch (message.event()) {
      case AsyncMessage.LOGOUT_REQUESTED -> {
        if (state == State.OPEN) {
          LOG.debug("the target at {} asks for a logout", portal);
          state = State.DRAINING;
          afterEnd();
        }
      }
      case AsyncMessage.CONNECTION_WILL_DROP, AsyncMessage.SESSION_WILL_DROP ->
          connectionLost(
              "the target drops the session", TimeUnit.SECONDS.toMillis(message.parameter2()));
      default -> LOG.debug("asynchronous event {} from {}", message.event(), portal);
    }
  }

  private void textResponse(TextResponse response) {
    CompletableFuture<TextPairs> outcome = textOutcome;
    if (outcome == null) {
      return;
    }
    try {
      text.add(response.data());
      if (!response.last()) {
        send(
            textRequest(
                response.initiatorTaskTag(), response.targetTransferTag(), Unpooled.EMPTY_BUFFER));
        return;
      }
      textOutcome = null;
      outcome.complete(text.completeRepeating());
    } catch (MalformedTextException e) {
      textOutcome = null;
      outcome.completeExceptionally(
          new IOException("the target's answer can't be understood: " + e.getMessage(), e));
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

  // ---- Time.

  private void tick() {
    long now = System.nanoTime();
    expire(now);
    if (state == State.OPEN || state == State.DRAINING) {
      long silence = now - lastHeardNanos;
      if (isPingUnderWay && silence > options.nopInterval().plus(options.nopTimeout()).toNanos()) {
        connectionLost("the target at " + portal + " is silent", 0);
      } else if (!isPingUnderWay && silence > options.nopInterval().toNanos()) {
        isPingUnderWay = true;
        send(
            new NopOut(
                true,
                0,
                nextTag(),
                BasicHeader.RESERVED_TAG,
                cmdSn,
                expStatSn,
                Unpooled.EMPTY_BUFFER));
      }
      pump();
    } else if (state == State.WAITING || state == State.CONNECTING || state == State.LOGGING_IN) {
      if (now - lostAtNanos > options.reconnectTimeout().toNanos() && opened.isDone()) {
        fail(
            "no session for "
                + options.reconnectTimeout().toSeconds()
                + " s; the last attempt: "
                + lastFailure);
      }
    }
  }

  private void expire(long now) {
    List<ScsiRequest> late = new ArrayList<>();
    queue.forEach(
        request -> {
          if (now - request.deadlineNanos > 0) {
            late.add(request);
          }
        });
    queue.removeAll(late);
    boolean isUnderWay = false;
    for (ScsiRequest request : new ArrayList<>(underWay.values())) {
      if (now - request.deadlineNanos > 0) {
        underWay.remove(request.initiatorTaskTag);
        late.add(request);
        isUnderWay = true;
      }
    }
    String when = " within " + options.commandTimeout().toMillis() + " ms";
    for (ScsiRequest request : late) {
      String why =
          lastFailure.isEmpty() || state == State.OPEN
              ? ""
              : "; the last attempt to get a session: " + lastFailure;
      request.outcome.completeExceptionally(
          new IOException("no answer from the target" + when + why));
    }
    if (isUnderWay) {
      // The target may still carry it out; only a new session is sure to end it.
      connectionLost("a request was not answered" + when, 0);
    }
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** The end of a connection's pipeline. */
  private final class Handler extends ChannelInboundHandlerAdapter {

    private final PduDecoder itsDecoder;

    Handler(PduDecoder itsDecoder) {
      this.itsDecoder = itsDecoder;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      connected(ctx.channel(), itsDecoder);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      boolean isCurrent = ctx.channel() == channel;
      if (message instanceof Pdu pdu) {
        try {
          if (isCurrent) {
            isTurn = true;
            receive(pdu);
          }
        } finally {
          pdu.release();
        }
      } else if (message instanceof PduFault fault && isCurrent) {
        connectionLost("the target's PDU can't be read: " + fault.detail(), 0);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (ctx.channel() == channel) {
        lastHeardNanos = System.nanoTime();
        isTurn = false;
        flush();
      }
      isTurn = false;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (ctx.channel() == channel) {
        if (closeWhenLoggedOut) {
          fail("the device is closed");
        } else {
          connectionLost("the connection to " + portal + " was lost", 0);
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.warn("connection to {} is closed after an internal error", portal, cause);
      }
      ctx.close();
    }
  }
}
