package io.sandrift.server.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.codec.PduFault;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.pdu.TargetPdu;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.server.login.LoginOutcome;
import io.sandrift.server.login.LoginPhase;
import io.sandrift.server.login.LoginStep;
import io.sandrift.server.login.TargetLookup;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One connection: leads it through its login, and hands its PDUs to the session that comes of that.
 * Confined to the connection's event loop.
 *
 * <pre>
 *   DECISION ◀──first request── LOGIN ──last request──▶ ADMISSION ──earlier ended, nexus opened──▶ FULL_FEATURE
 *    │     └────served here───▶   └─failed, redirected, late─┴────────────────┴──▶ CLOSED
 *    └────carried to another server, this handler is removed
 * </pre>
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private enum Phase {
    LOGIN,
    DECISION,
    ADMISSION,
    FULL_FEATURE,
    CLOSED
  }

  private final TargetServer server;
  private final PduDecoder decoder;
  private final PduEncoder encoder = new PduEncoder();
  private final LoginPhase login;
  private final PortalEnvironment environment;

  private Phase phase = Phase.LOGIN;
  private @Nullable Session session;
  private boolean countsAsLogin = true;
  private @Nullable ScheduledFuture<?> loginTimer;
  private @Nullable ScheduledFuture<?> aliveTimer;

  ConnectionHandler(
      TargetServer server, PduDecoder decoder, LoginPhase login, PortalEnvironment environment) {
    this.server = server;
    this.decoder = decoder;
    this.login = login;
    this.environment = environment;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    long millis = server.limits().loginTimeout().toMillis();
    loginTimer = ctx.executor().schedule(() -> loginTimedOut(ctx), millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (phase == Phase.FULL_FEATURE && session != null) {
      session.beginTurn();
      if (message instanceof InitiatorPdu pdu) {
        session.receive(pdu);
      } else if (message instanceof PduFault fault) {
        session.receive(fault);
      }
    } else if (message instanceof LoginRequest request && phase == Phase.LOGIN) {
      login(ctx, request);
    } else {
      refuse(ctx, message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (session != null && phase == Phase.FULL_FEATURE) {
      session.endTurn();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && session != null && phase == Phase.FULL_FEATURE) {
      session.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    phase = Phase.CLOSED;
    if (aliveTimer != null) {
      aliveTimer.cancel(false);
    }
    if (session != null) {
      session.close("the connection was lost");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection from {} failed: {}", ctx.channel().remoteAddress(), cause.toString());
    } else {
      LOG.error(
          "connection from {} is closed after an internal error",
          ctx.channel().remoteAddress(),
          cause);
    }
    ctx.close();
  }

  private void login(ChannelHandlerContext ctx, LoginRequest request) {
    take(ctx, login.receive(request));
  }

  private void take(ChannelHandlerContext ctx, LoginStep step) {
    if (step instanceof LoginStep.Continue more) {
      write(ctx, more.response());
    } else if (step instanceof LoginStep.Failed failed) {
      line().log("login from {} failed: {}", ctx.channel().remoteAddress(), failed.reason());
      writeAndClose(ctx, failed.response());
    } else if (step instanceof LoginStep.Redirected redirected) {
      line()
          .log("login from {} is sent to {}", ctx.channel().remoteAddress(), redirected.address());
      writeAndClose(ctx, redirected.response());
    } else if (step instanceof LoginStep.Waiting waiting) {
      phase = Phase.DECISION;
      waiting
          .decision()
          .whenCompleteAsync(
              (lookup, failure) -> decided(ctx, waiting, lookup, failure), ctx.executor());
    } else if (step instanceof LoginStep.Completed completed) {
      phase = Phase.ADMISSION;
      admit(ctx, completed);
    }
  }

  private void decided(
      ChannelHandlerContext ctx,
      LoginStep.Waiting waiting,
      @Nullable TargetLookup lookup,
      @Nullable Throwable failure) {
    LoginRequest request = waiting.request();
    if (lookup instanceof TargetLookup.Relayed relayed) {
      ctx.channel().closeFuture().addListener(closed -> relayed.ended().run());
    }
    if (phase != Phase.DECISION) {
      request.release();
      return;
    }
    if (lookup instanceof TargetLookup.Relayed relayed && waiting.isWhole()) {
      relay(ctx, request, relayed.address());
      return;
    }
    request.release();
    phase = Phase.LOGIN;
    if (lookup instanceof TargetLookup.Relayed relayed) {
      // The initiator has had answers of ours already, which it wouldn't get from the other.
      take(ctx, login.decided(new TargetLookup.Moved(relayed.address(), false)));
    } else if (lookup != null) {
      take(ctx, login.decided(lookup));
    } else {
      LOG.error("where a login belongs could not be decided", failure);
      take(ctx, login.decided(TargetLookup.unavailable("the decision failed")));
    }
  }

  /** Carries the connection to another server, beginning with this request. */
  private void relay(ChannelHandlerContext ctx, LoginRequest request, TargetAddress address) {
    ByteBuf said = ctx.alloc().buffer(encoder.sizeOf(request.data().readableBytes()));
    encoder.encode(said, request);
    request.release();
    Relay.begin(server.distribution(), environment.client(), ctx.channel(), address, said)
        .whenComplete(
            (nothing, failure) -> {
              if (phase != Phase.DECISION) {
                return;
              }
              if (failure != null) {
                LOG.warn("can't relay a login to {}: {}", address, failure.toString());
                phase = Phase.LOGIN;
                take(ctx, login.decided(TargetLookup.unavailable(address + " can't be reached")));
                return;
              }
              line()
                  .log(
                      "connection from {} is carried to {}",
                      ctx.channel().remoteAddress(),
                      address);
              leaveLogin();
              phase = Phase.CLOSED;
              ctx.pipeline().remove(decoder);
              ctx.pipeline().remove(this);
            });
  }

  /**
   * Gives the session its TSIH, once the one that it takes the place of has ended, with all its
   * I/O.
   */
  private void admit(ChannelHandlerContext ctx, LoginStep.Completed completed) {
    if (phase != Phase.ADMISSION) {
      return;
    }
    LoginOutcome outcome = completed.outcome();
    if (outcome.requestedTsih() != 0) {
      // MaxConnections is 1: there is nothing to add a connection to.
      boolean exists = server.sessions().find(outcome.requestedTsih()) != null;
      refuse(
          ctx,
          completed,
          exists ? LoginStatus.CANT_INCLUDE_IN_SESSION : LoginStatus.SESSION_DOES_NOT_EXIST,
          "session " + outcome.requestedTsih() + " can't have another connection");
      return;
    }
    int tsih = server.sessions().freeTsih();
    if (tsih == 0) {
      refuse(
          ctx,
          completed,
          LoginStatus.OUT_OF_RESOURCES,
          server.limits().sessions() + " sessions are the limit");
      return;
    }
    String targetName = outcome.targetName() == null ? null : outcome.targetName().value();
    Target target = targetName == null ? null : server.directory().find(targetName);
    if (targetName != null && target == null) {
      refuse(ctx, completed, LoginStatus.TARGET_REMOVED, targetName + " was deleted meanwhile");
      return;
    }
    SessionIdentity identity =
        new SessionIdentity(
            outcome.initiatorName().value(),
            outcome.isid(),
            targetName,
            TargetServer.PORTAL_GROUP_TAG,
            tsih,
            outcome.connectionId(),
            sessionId(outcome));
    Session earlier = server.sessions().reinstatedBy(identity);
    if (earlier != null) {
      earlier
          .drop("reinstated by a new login of the same initiator")
          .thenRunAsync(() -> admit(ctx, completed), ctx.executor());
      return;
    }
    if (target == null) {
      begin(ctx, completed, identity, null, null);
      return;
    }
    target
        .opening()
        .open(identity.nexusId(), environment.trace(), ctx.channel().eventLoop(), () -> fenced(ctx))
        .whenCompleteAsync(
            (opened, failure) -> opened(ctx, completed, identity, target, opened, failure),
            ctx.executor());
  }

  private void opened(
      ChannelHandlerContext ctx,
      LoginStep.Completed completed,
      SessionIdentity identity,
      Target target,
      @Nullable OpenedNexus opened,
      @Nullable Throwable failure) {
    if (phase != Phase.ADMISSION) {
      completed.response().release();
      if (opened != null) {
        opened.release().run();
      }
    } else if (opened == null) {
      refuse(
          ctx,
          completed,
          LoginStatus.SERVICE_UNAVAILABLE,
          "the nexus can't be opened: " + (failure == null ? "no reason" : failure.getMessage()));
    } else {
      begin(ctx, completed, identity, target, opened);
    }
  }

  /** The same nexus has logged in elsewhere; from any thread. */
  private void fenced(ChannelHandlerContext ctx) {
    ctx.executor()
        .execute(
            () -> {
              if (session != null) {
                session.close("the initiator has logged in at another server");
              } else {
                ctx.close();
              }
            });
  }

  private void begin(
      ChannelHandlerContext ctx,
      LoginStep.Completed completed,
      SessionIdentity identity,
      @Nullable Target target,
      @Nullable OpenedNexus opened) {
    Session created =
        server.createSession(identity, completed.outcome(), ctx.channel(), environment.client());
    if (!server.sessions().enter(created)) {
      // Another login was faster; its session is the one to wait for now.
      if (opened != null) {
        opened.release().run();
      }
      admit(ctx, completed);
      return;
    }
    if (opened != null) {
      created.attach(opened.device());
    }
    session = created;
    leaveLogin();
    phase = Phase.FULL_FEATURE;
    write(ctx, completed.withSession(identity.tsih(), created.maxCmdSn()).response());
    if (target != null && !target.equals(server.directory().find(target.name()))) {
      created.drop("the target was withdrawn meanwhile");
    }
    SessionParameters parameters = completed.outcome().parameters();
    decoder.setDigests(new Digests(parameters.headerDigest(), parameters.dataDigest()));
    decoder.setMaxDataSegmentLength(parameters.maxRecvDataSegmentLength());
    long interval = server.sessionLimits().nopTimeout().toMillis();
    aliveTimer =
        ctx.executor()
            .scheduleWithFixedDelay(created::checkAlive, interval, interval, TimeUnit.MILLISECONDS);
    if (!identity.isDiscovery()) {
      server.distribution().began(created);
      line()
          .log(
              "session {}: {} at {} logged in to {}",
              identity.tsih(),
              identity.initiatorName(),
              ctx.channel().remoteAddress(),
              identity.targetName());
    }
  }

  /** A log line about this connection's login. */
  private LoggingEventBuilder line() {
    return environment.trace().on(LOG.atInfo());
  }

  private String sessionId(LoginOutcome outcome) {
    String given = environment.sessionId();
    return given != null
        ? given
        : SessionIdentity.idOf(
            outcome.initiatorName().value(),
            outcome.isid(),
            outcome.targetName() == null ? null : outcome.targetName().value());
  }

  private void refuse(
      ChannelHandlerContext ctx, LoginStep.Completed completed, LoginStatus status, String reason) {
    line().log("login from {} is refused: {}", ctx.channel().remoteAddress(), reason);
    writeAndClose(ctx, completed.refused(status, reason).response());
  }

  private void refuse(ChannelHandlerContext ctx, Object message) {
    if (message instanceof InitiatorPdu pdu) {
      pdu.release();
    }
    if (phase != Phase.CLOSED) {
      String what =
          message instanceof PduFault fault ? fault.detail() : message.getClass().getSimpleName();
      LOG.info(
          "connection from {} is closed: {} before the login was over",
          ctx.channel().remoteAddress(),
          what);
      phase = Phase.CLOSED;
      ctx.close();
    }
  }

  private void loginTimedOut(ChannelHandlerContext ctx) {
    if (phase == Phase.LOGIN || phase == Phase.DECISION || phase == Phase.ADMISSION) {
      LOG.info(
          "connection from {} is closed: no login within {} s",
          ctx.channel().remoteAddress(),
          server.limits().loginTimeout().toSeconds());
      phase = Phase.CLOSED;
      ctx.close();
    }
  }

  /** The login is over, or the connection is: it counts as an unfinished login no longer. */
  void leaveLogin() {
    if (loginTimer != null) {
      loginTimer.cancel(false);
      loginTimer = null;
    }
    if (countsAsLogin) {
      countsAsLogin = false;
      server.loginEnded();
    }
  }

  private void write(ChannelHandlerContext ctx, TargetPdu pdu) {
    ByteBuf out = ctx.alloc().buffer(encoder.sizeOf(pdu.data().readableBytes()));
    encoder.encode(out, pdu);
    pdu.release();
    ctx.writeAndFlush(out, ctx.voidPromise());
  }

  private void writeAndClose(ChannelHandlerContext ctx, TargetPdu pdu) {
    phase = Phase.CLOSED;
    write(ctx, pdu);
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }
}
