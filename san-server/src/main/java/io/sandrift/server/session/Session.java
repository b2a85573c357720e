package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduFault;
import io.sandrift.iscsi.pdu.AsyncMessage;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LogoutRequest;
import io.sandrift.iscsi.pdu.LogoutResponse;
import io.sandrift.iscsi.pdu.NopIn;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.Opcode;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.iscsi.pdu.ScsiResponse;
import io.sandrift.iscsi.pdu.SnackRequest;
import io.sandrift.iscsi.pdu.TaskManagementRequest;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.pdu.TextResponse;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.server.login.TextPhase;
import io.sandrift.server.login.TextStep;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A session in its full feature phase, with its one connection (MaxConnections is 1). All but the
 * methods that say otherwise are confined to the connection's event loop.
 *
 * <pre>
 *   OPEN ──logout──▶ LEAVING ──response sent──▶ CLOSED ──last I/O ended──▶ ended
 *     └───────connection lost, drop, protocol error──▶┘
 * </pre>
 */
public final class Session {

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /**
   * With so much of our answers unread, nothing more is read. Data-In alone never comes near it.
   */
  private static final long LARGE_BACKLOG_BYTES = 4L * 1024 * 1024;

  /**
   * An initiator that lets this much of our answers lie is dropped; one read can't bring so much
   * about.
   */
  private static final long MAX_BACKLOG_BYTES = 64L * 1024 * 1024;

  private enum State {
    OPEN,
    LEAVING,
    CLOSED
  }

  private final SessionIdentity identity;
  private final SessionParameters parameters;
  private final SessionLimits limits;
  private final DataInFlight dataInFlight;
  private final Channel channel;
  private final SessionOwner owner;
  private final Transmitter transmitter;
  private final CommandWindow window;
  private final TextPhase text;
  private final TaskSet tasks = new TaskSet();
  private final TaskManagement management = new TaskManagement(this, tasks);
  private final SessionCounters counters;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final long sinceMillis = System.currentTimeMillis();

  private @Nullable DeviceServer device;
  private @Nullable Nexus nexus;
  private State state = State.OPEN;
  private int statSn;
  private int lastTargetTransferTag;
  private long bytesHeld;
  private long lastHeardNanos = System.nanoTime();
  private boolean isPingUnderWay;
  private boolean isHeldBack;
  private boolean isCongested;
  private boolean isLogoutRequested;

  /**
   * @param expCmdSn the CmdSN of the first command of the full feature phase
   * @param statSn the StatSN of the first status after the login
   */
  public Session(
      SessionIdentity identity,
      SessionParameters parameters,
      SessionLimits limits,
      DataInFlight dataInFlight,
      Channel channel,
      TextPhase text,
      int expCmdSn,
      int statSn,
      SessionOwner owner) {
    this.identity = identity;
    this.parameters = parameters;
    this.limits = limits;
    this.dataInFlight = dataInFlight;
    this.channel = channel;
    this.text = text;
    this.owner = owner;
    this.counters = new SessionCounters(owner.meter());
    this.statSn = statSn;
    this.window = new CommandWindow(expCmdSn, limits.commands());
    this.transmitter =
        new Transmitter(channel, new Digests(parameters.headerDigest(), parameters.dataDigest()));
  }

  /** Begins the nexus of a normal session. Called before the first PDU is handed in. */
  public void attach(DeviceServer deviceServer) {
    device = deviceServer;
    nexus = deviceServer.attach(identity.nexusId(), this::abortAll);
  }

  /** Someone's reset or preemption ends all tasks; from any thread. */
  private CompletableFuture<Void> abortAll() {
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    if (eventLoop().inEventLoop()) {
      abort(tasks.all(), () -> quiet.complete(null));
    } else {
      try {
        eventLoop().execute(() -> abort(tasks.all(), () -> quiet.complete(null)));
      } catch (RejectedExecutionException e) {
        // The server stops; its sessions have ended.
        quiet.complete(null);
      }
    }
    return quiet;
  }

  // ---- What others may know; from any thread.

  public SessionIdentity identity() {
    return identity;
  }

  public SessionParameters parameters() {
    return parameters;
  }

  public SessionCounters counters() {
    return counters;
  }

  public Channel channel() {
    return channel;
  }

  /** When it began, in milliseconds since 1970. */
  public long sinceMillis() {
    return sinceMillis;
  }

  /**
   * Completes when the session is closed and none of its I/O is under way: nothing of it can reach
   * a volume any more.
   */
  public CompletableFuture<Void> whenEnded() {
    return ended;
  }

  /** Ends the session without a word, from any thread. */
  public CompletableFuture<Void> drop(String reason) {
    eventLoop().execute(() -> close(reason));
    return ended;
  }

  /**
   * Asks the initiator to log out within {@code deadline} (RFC 7143 clause 11.9.1, event 1), from
   * any thread.
   */
  public void requestLogout(Duration deadline) {
    eventLoop()
        .execute(
            () -> {
              isLogoutRequested = true;
              sendAsync(AsyncMessage.LOGOUT_REQUESTED, 0, 0, (int) deadline.toSeconds());
            });
  }

  /**
   * Tells the initiator that the session is dropped now (event 3), and drops it, from any thread.
   */
  public CompletableFuture<Void> dropWithNotice(String reason) {
    eventLoop()
        .execute(
            () -> {
              sendAsync(AsyncMessage.SESSION_WILL_DROP, identity.connectionId(), 0, 0);
              transmitter.flush();
              close(reason);
            });
    return ended;
  }

  /**
   * The last CmdSN of the window that the session begins with; for the response that ends the
   * login.
   */
  public int maxCmdSn() {
    return window.maxCmdSn();
  }

  // ---- What the connection tells.

  /** A batch of received PDUs begins; what is sent waits for {@link #endTurn}. */
  public void beginTurn() {
    lastHeardNanos = System.nanoTime();
    transmitter.beginTurn();
  }

  /** The batch is over: sends what it gave rise to. */
  public void endTurn() {
    transmitter.endTurn();
    long backlog = transmitter.backlog();
    if (backlog > MAX_BACKLOG_BYTES) {
      close("the initiator asks, and does not read the answers");
    } else if (backlog > LARGE_BACKLOG_BYTES) {
      isCongested = true;
      updateReading();
    }
  }

  /** Takes a PDU, and the reference to its data. */
  public void receive(InitiatorPdu pdu) {
    if (state != State.OPEN) {
      pdu.release();
      return;
    }
    if (pdu instanceof ScsiCommand command && !command.immediate()) {
      inOrder(command.cmdSn(), command);
    } else if (pdu instanceof NopOut nop
        && !nop.immediate()
        && nop.initiatorTaskTag() != BasicHeader.RESERVED_TAG) {
      inOrder(nop.cmdSn(), nop);
    } else if (pdu instanceof TaskManagementRequest request && !request.immediate()) {
      inOrder(request.cmdSn(), request);
    } else if (pdu instanceof TextRequest request && !request.immediate()) {
      inOrder(request.cmdSn(), request);
    } else if (pdu instanceof LogoutRequest request && !request.immediate()) {
      inOrder(request.cmdSn(), request);
    } else {
      deliver(pdu);
    }
  }

  /** Takes the place of a PDU that could not be read. */
  public void receive(PduFault fault) {
    if (state != State.OPEN) {
      return;
    }
    switch (fault.kind()) {
      case UNKNOWN_OPCODE -> reject(Reject.COMMAND_NOT_SUPPORTED, fault.header());
      case INVALID_FIELD -> reject(Reject.INVALID_PDU_FIELD, fault.header());
      case DATA_DIGEST -> dataDigestError(fault);
      case HEADER_DIGEST, TOO_LONG -> close(fault.detail());
    }
  }

  /** The channel takes data again. */
  public void writable() {
    for (Task task : tasks.all()) {
      task.writable();
    }
    transmitter.flush();
    isCongested = false;
    updateReading();
  }

  /** Looks whether the initiator is still there; to be called now and then. */
  public void checkAlive() {
    long silence = System.nanoTime() - lastHeardNanos;
    if (state != State.OPEN) {
      return;
    }
    if (isPingUnderWay) {
      if (silence > limits.nopInterval().plus(limits.nopTimeout()).toNanos()) {
        close("no answer to a NOP-In within " + limits.nopTimeout().toSeconds() + " s");
      } else if (silence < limits.nopInterval().toNanos()) {
        isPingUnderWay = false;
      }
    } else if (silence > limits.nopInterval().toNanos()) {
      isPingUnderWay = true;
      transmitter.send(
          new NopIn(
              0,
              BasicHeader.RESERVED_TAG,
              nextTargetTransferTag(),
              statSn,
              window.expCmdSn(),
              window.maxCmdSn(),
              Unpooled.EMPTY_BUFFER));
    }
  }

  /** Ends the session; what is under way is aborted. May be called twice. */
  public void close(String reason) {
    if (state == State.CLOSED) {
      return;
    }
    boolean isOrderly = state == State.LEAVING;
    state = State.CLOSED;
    LOG.atLevel(isOrderly || identity.isDiscovery() ? Level.DEBUG : Level.INFO)
        .log(
            "session {} of {} to {} closed: {}",
            identity.tsih(),
            identity.initiatorName(),
            identity.targetName(),
            reason);
    window.clear();
    transmitter.close();
    channel.close();
    abort(
        tasks.all(),
        () -> {
          if (nexus != null) {
            nexus.close();
          }
          owner.ended(this);
          ended.complete(null);
        });
  }

  // ---- What tasks and transfers use.

  EventLoop eventLoop() {
    return channel.eventLoop();
  }

  Transmitter transmitter() {
    return transmitter;
  }

  /** Whether the initiator may be sent anything but the end of its logout. */
  boolean isOpen() {
    return state == State.OPEN;
  }

  DeviceServer device() {
    return Objects.requireNonNull(device, "a discovery session has no device");
  }

  SessionOwner owner() {
    return owner;
  }

  CommandWindow window() {
    return window;
  }

  Nexus nexus() {
    return Objects.requireNonNull(nexus, "a discovery session has no commands");
  }

  int maxSendDataSegmentLength() {
    return text.peerMaxRecvDataSegmentLength();
  }

  int nextStatSn() {
    return statSn;
  }

  /** The number for a PDU with a status that no task ends with. */
  int takeStatSn() {
    return statSn++;
  }

  int nextTargetTransferTag() {
    lastTargetTransferTag++;
    if (lastTargetTransferTag == BasicHeader.RESERVED_TAG) {
      lastTargetTransferTag = 0;
    }
    return lastTargetTransferTag;
  }

  /** When the batch of PDUs that is being handled was read. */
  long turnNanos() {
    return lastHeardNanos;
  }

  void countRead(int bytes) {
    counters.countRead(bytes);
  }

  void countWritten(int bytes) {
    counters.countWritten(bytes);
  }

  /**
   * Takes the task out of the set, so that the window in the PDU that ends it is up to date, and
   * gives that PDU its StatSN. {@link #ended} is to follow when the PDU is sent.
   */
  int takeStatSn(Task task) {
    tasks.remove(task);
    updateWindow();
    counters.countEnded(
        CommandKind.of(task.command.operationCode()), System.nanoTime() - task.beganNanos);
    return statSn++;
  }

  private void updateWindow() {
    window.update(tasks.size());
    counters.setUnderWay(tasks.size());
  }

  /** The task's last PDU is on its way. */
  void ended(Task task) {
    task.over();
    startUnblocked();
  }

  /** Sends the response that ends the task. */
  void finish(Task task, Response response, Residual residual, int expDataSn) {
    int taken = takeStatSn(task);
    byte[] sense = response.sense();
    ByteBuf data = Unpooled.EMPTY_BUFFER;
    if (sense.length > 0) {
      data = channel.alloc().buffer(2 + sense.length).writeShort(sense.length).writeBytes(sense);
    }
    ScsiResponse pdu =
        new ScsiResponse(
            ScsiResponse.COMPLETED,
            response.status().wireValue(),
            task.initiatorTaskTag,
            taken,
            window.expCmdSn(),
            window.maxCmdSn(),
            expDataSn,
            residual,
            data);
    transmitter.send(pdu);
    pdu.release();
    ended(task);
  }

  /**
   * Counts received data that the store has not taken yet; too much of it, of all sessions, stops
   * reading from this connection until its own have been taken.
   */
  void hold(int bytes) {
    bytesHeld += bytes;
    if (dataInFlight.add(bytes)) {
      isHeldBack = true;
      updateReading();
    }
  }

  void letGo(int bytes) {
    bytesHeld -= bytes;
    boolean hasRoom = dataInFlight.remove(bytes);
    if (isHeldBack && (hasRoom || bytesHeld == 0)) {
      isHeldBack = false;
      updateReading();
    }
  }

  /**
   * Reads on unless the store is behind with this session's data, or the initiator with our
   * answers.
   */
  private void updateReading() {
    boolean reads = !isHeldBack && !isCongested;
    if (channel.config().isAutoRead() != reads) {
      channel.config().setAutoRead(reads);
    }
  }

  // ---- PDUs.

  private void inOrder(int cmdSn, InitiatorPdu pdu) {
    switch (window.receive(cmdSn, pdu)) {
      case DELIVER -> {
        deliver(pdu);
        for (InitiatorPdu next = window.next(); next != null; next = window.next()) {
          deliver(next);
        }
      }
      case HELD -> {}
      case IGNORE -> pdu.release();
    }
  }

  private void deliver(InitiatorPdu pdu) {
    if (state != State.OPEN) {
      pdu.release();
    } else if (identity.isDiscovery()
        && !(pdu instanceof TextRequest || pdu instanceof LogoutRequest || pdu instanceof NopOut)) {
      reject(Reject.PROTOCOL_ERROR, pdu);
    } else if (pdu instanceof ScsiCommand command) {
      command(command);
    } else if (pdu instanceof DataOut dataOut) {
      dataOut(dataOut);
    } else if (pdu instanceof NopOut nopOut) {
      nopOut(nopOut);
    } else if (pdu instanceof TaskManagementRequest request) {
      management.receive(request);
    } else if (pdu instanceof TextRequest request) {
      text(request);
    } else if (pdu instanceof LogoutRequest request) {
      logout(request);
    } else if (pdu instanceof SnackRequest) {
      // Error recovery level 0 has no SNACK (RFC 7143 clause 7.1).
      reject(Reject.SNACK_REJECT, pdu);
    } else if (pdu instanceof LoginRequest) {
      // A login request in the full feature phase is a protocol error that ends the connection
      // (clause 6.3).
      reject(Reject.PROTOCOL_ERROR, pdu);
      transmitter.flush();
      close("login request in the full feature phase");
    }
  }

  private void command(ScsiCommand pdu) {
    counters.countCommand();
    if (tasks.get(pdu.initiatorTaskTag()) != null) {
      reject(Reject.TASK_IN_PROGRESS, pdu);
      return;
    }
    if (pdu.immediate() && tasks.size() >= limits.commands() + limits.immediateCommands()) {
      reject(Reject.IMMEDIATE_COMMAND_REJECT, pdu);
      return;
    }
    Task task = new Task(this, pdu);
    boolean mayStart = tasks.add(task);
    updateWindow();
    if (mayStart) {
      task.start();
    }
  }

  private void startUnblocked() {
    for (Task task = tasks.unblock(); task != null; task = tasks.unblock()) {
      task.start();
    }
  }

  private void dataOut(DataOut pdu) {
    Task task = tasks.get(pdu.initiatorTaskTag());
    if (task == null) {
      // The rest of a command that has ended early, with an error or by an abort.
      pdu.release();
    } else {
      task.receive(pdu);
    }
  }

  private void nopOut(NopOut pdu) {
    if (pdu.initiatorTaskTag() != BasicHeader.RESERVED_TAG) {
      int length = Math.min(pdu.data().readableBytes(), maxSendDataSegmentLength());
      transmitter.send(
          new NopIn(
              pdu.lun(),
              pdu.initiatorTaskTag(),
              BasicHeader.RESERVED_TAG,
              statSn++,
              window.expCmdSn(),
              window.maxCmdSn(),
              pdu.data().slice(pdu.data().readerIndex(), length)));
    }
    pdu.release();
  }

  private void text(TextRequest pdu) {
    byte[] header = headerOf(pdu);
    TextStep step = text.receive(pdu);
    if (step instanceof TextStep.Reply reply) {
      TextResponse response =
          new TextResponse(
              reply.last(),
              reply.more(),
              pdu.lun(),
              pdu.initiatorTaskTag(),
              reply.targetTransferTag(),
              statSn++,
              window.expCmdSn(),
              window.maxCmdSn(),
              reply.data());
      transmitter.send(response);
      response.release();
    } else if (step instanceof TextStep.Refused refused) {
      LOG.debug("session {}: text refused: {}", identity.tsih(), refused.detail());
      reject(refused.reason(), header);
    }
  }

  private void logout(LogoutRequest pdu) {
    boolean isOurs =
        pdu.reason() == LogoutRequest.CLOSE_SESSION
            || pdu.connectionId() == identity.connectionId();
    int response;
    if (pdu.reason() == LogoutRequest.REMOVE_FOR_RECOVERY) {
      response = LogoutResponse.RECOVERY_NOT_SUPPORTED;
    } else {
      response = isOurs ? LogoutResponse.CLOSED : LogoutResponse.CID_NOT_FOUND;
    }
    if (response != LogoutResponse.CLOSED) {
      sendLogoutResponse(pdu, response);
      return;
    }
    state = State.LEAVING;
    abort(
        tasks.all(),
        () -> {
          CompletableFuture<Void> left =
              nexus == null ? CompletableFuture.completedFuture(null) : nexus.leave();
          if (left.isDone()) {
            loggedOut(pdu);
          } else {
            left.thenRunAsync(() -> loggedOut(pdu), eventLoop());
          }
        });
  }

  private void loggedOut(LogoutRequest pdu) {
    if (state != State.LEAVING) {
      return;
    }
    sendLogoutResponse(pdu, LogoutResponse.CLOSED);
    transmitter.flush();
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener((ChannelFutureListener) done -> close("the initiator logged out"));
  }

  private void sendLogoutResponse(LogoutRequest pdu, int response) {
    transmitter.send(
        new LogoutResponse(
            response,
            pdu.initiatorTaskTag(),
            statSn++,
            window.expCmdSn(),
            window.maxCmdSn(),
            // Who leaves because we ask may come back at once.
            isLogoutRequested ? 0 : parameters.defaultTime2Wait(),
            parameters.defaultTime2Retain()));
  }

  /**
   * Ends tasks without a response, and then, when none of their I/O is under way any more, does the
   * rest.
   */
  void abort(List<Task> aborted, Runnable rest) {
    for (Task task : aborted) {
      tasks.remove(task);
      task.over();
    }
    updateWindow();
    int[] remaining = {aborted.size()};
    if (aborted.isEmpty()) {
      rest.run();
    }
    for (Task task : aborted) {
      task.whenQuiet(
          () -> {
            if (--remaining[0] == 0) {
              rest.run();
            }
          });
    }
    if (state == State.OPEN) {
      startUnblocked();
    }
  }

  // ---- Refusals.

  private void dataDigestError(PduFault fault) {
    reject(Reject.DATA_DIGEST_ERROR, fault.header());
    if (Opcode.ofFirstByte(fault.header()[0]) != Opcode.DATA_OUT) {
      // Its CmdSN is lost, and at error recovery level 0 nothing fills the gap: a new session does.
      transmitter.flush();
      close("the data of a request did not match their digest");
      return;
    }
    Task task = tasks.get(BasicHeader.initiatorTaskTag(Unpooled.wrappedBuffer(fault.header()), 0));
    if (task != null) {
      finish(task, TransferSense.DIGEST_ERROR, task.residual(0), 0);
    }
  }

  private void reject(int reason, InitiatorPdu pdu) {
    byte[] header = headerOf(pdu);
    pdu.release();
    reject(reason, header);
  }

  private static byte[] headerOf(InitiatorPdu pdu) {
    byte[] header = new byte[BasicHeader.BYTES];
    pdu.encodeHeader(Unpooled.wrappedBuffer(header), 0);
    return header;
  }

  private void reject(int reason, byte[] header) {
    transmitter.send(
        new Reject(
            reason,
            statSn++,
            window.expCmdSn(),
            window.maxCmdSn(),
            0,
            Unpooled.wrappedBuffer(header)));
  }

  private void sendAsync(int event, int parameter1, int parameter2, int parameter3) {
    if (state == State.OPEN) {
      transmitter.send(
          new AsyncMessage(
              0,
              statSn++,
              window.expCmdSn(),
              window.maxCmdSn(),
              event,
              parameter1,
              parameter2,
              parameter3,
              Unpooled.EMPTY_BUFFER));
      transmitter.flush();
    }
  }
}
