package io.sandrift.server.target;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduReceiveAllocator;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.server.listen.Listening;
import io.sandrift.server.login.LoginOutcome;
import io.sandrift.server.login.LoginPhase;
import io.sandrift.server.login.LoginSettings;
import io.sandrift.server.login.TargetDirectory;
import io.sandrift.server.login.TextPhase;
import io.sandrift.server.session.CommandMeter;
import io.sandrift.server.session.DataInFlight;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.session.SessionLimits;
import io.sandrift.server.session.SessionOwner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's iSCSI portals and all that comes in through them. Its methods are safe for all
 * threads.
 */
public final class TargetServer implements AutoCloseable {

  /** All portals of a server form one portal group. */
  public static final int PORTAL_GROUP_TAG = 1;

  private static final Logger LOG = LoggerFactory.getLogger(TargetServer.class);

  /** Data received in one read: a batch of small commands, or a good part of a large Data-Out. */
  private static final int RECEIVE_BYTES = 64 * 1024;

  /** The longest data segment before anything else is agreed on (RFC 7143 clause 13.12). */
  private static final int LOGIN_SEGMENT_BYTES = 8192;

  /** Data-In waits while more than the upper mark is unsent, and goes on below the lower one. */
  private static final WriteBufferWaterMark SEND_MARKS =
      new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

  private final PresentedTargets directory;
  private final TargetLimits limits;
  private final SessionLimits sessionLimits;
  private final LoginSettings loginSettings;
  private final SessionRegistry sessions;
  private final DataInFlight dataInFlight;
  private final EventLoopGroup eventLoops;
  private final boolean isEpoll = Epoll.isAvailable();
  private final List<Channel> portals = new ArrayList<>();
  private volatile CommandMeter meter = CommandMeter.NONE;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger unfinishedLogins = new AtomicInteger();
  private volatile boolean isClosing;
  private volatile ClientDistribution distribution = ClientDistribution.NONE;
  private volatile TargetGuard guard = TargetGuard.NONE;
  private volatile Consumer<String> onColdReset = target -> {};

  private final SessionOwner owner =
      new SessionOwner() {
        @Override
        public void ended(Session session) {
          sessions.leave(session);
          if (!session.identity().isDiscovery()) {
            distribution.ended(session);
          }
        }

        @Override
        public CommandMeter meter() {
          return meter;
        }

        @Override
        public void targetReset(Session cause, boolean isCold) {
          String target = cause.identity().targetName();
          if (isCold && target != null) {
            dropSessions(target, "the target was reset");
            onColdReset.accept(target);
          }
        }
      };

  public TargetServer(
      PresentedTargets directory,
      TargetLimits limits,
      SessionLimits sessionLimits,
      LoginSettings loginSettings) {
    this.directory = directory;
    this.limits = limits;
    this.sessionLimits = sessionLimits;
    this.loginSettings = loginSettings;
    this.sessions = new SessionRegistry(limits.sessions());
    this.dataInFlight = new DataInFlight(limits.bytesInFlight());
    IoHandlerFactory io = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.eventLoops =
        new MultiThreadIoEventLoopGroup(0, new DefaultThreadFactory("iscsi", true), io);
  }

  /**
   * Begins to listen.
   *
   * @return the address that it listens on, with the port that the system chose if {@code address}
   *     has port 0
   * @throws IOException when it can't, with a message that says why and what to do
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    Class<? extends ServerChannel> type =
        isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    Channel portal =
        new Listening(eventLoops, type, SEND_MARKS, this::accept).on(address, "portal", "portal");
    synchronized (portals) {
      portals.add(portal);
    }
    return (InetSocketAddress) portal.localAddress();
  }

  /** Has what sessions do counted; those that are there already aren't. */
  public void measureBy(CommandMeter commandMeter) {
    meter = commandMeter;
  }

  /** Has clients distributed over servers from now on; before, they are served here. */
  public void distributeBy(ClientDistribution clientDistribution) {
    distribution = clientDistribution;
  }

  /**
   * Tells of each TARGET COLD RESET that arrives here, by the target's name, once its sessions here
   * are ending.
   */
  public void tellOfColdResets(Consumer<String> listener) {
    onColdReset = listener;
  }

  /** All sessions, oldest first. */
  public List<Session> listSessions() {
    return sessions.list();
  }

  /**
   * Ends all sessions of a target, such as one that is being deleted; completes when none of their
   * I/O is under way.
   */
  public CompletableFuture<Void> dropSessions(String targetName, String reason) {
    return CompletableFuture.allOf(
        sessions.list().stream()
            .filter(session -> targetName.equals(session.identity().targetName()))
            .map(session -> session.dropWithNotice(reason))
            .toArray(CompletableFuture[]::new));
  }

  /** Stops listening, tells the initiators, and ends all sessions, within a few seconds. */
  @Override
  public void close() {
    if (isClosing) {
      return;
    }
    isClosing = true;
    synchronized (portals) {
      portals.forEach(portal -> portal.close().awaitUninterruptibly(1, TimeUnit.SECONDS));
      portals.clear();
    }
    CompletableFuture<?>[] ended =
        sessions.list().stream()
            .map(session -> session.dropWithNotice("the server stops"))
            .toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(ended).orTimeout(5, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      LOG.warn("{} sessions did not end in time", sessions.size());
    }
    eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  /** The event loops of all connections; they end with {@link #close}. */
  public EventLoopGroup eventLoops() {
    return eventLoops;
  }

  /** Whether they are native ones, so that other channels on them are of the right type. */
  public boolean isEpoll() {
    return isEpoll;
  }

  // ---- What connections use.

  /** Who may see and use the targets from now on; before the first portal opens. */
  public void guardBy(TargetGuard targetGuard) {
    guard = targetGuard;
  }

  PresentedTargets directory() {
    return directory;
  }

  ClientDistribution distribution() {
    return distribution;
  }

  /** What a connection from here to another server is. */
  static Class<? extends SocketChannel> clientChannelType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  TargetLimits limits() {
    return limits;
  }

  SessionLimits sessionLimits() {
    return sessionLimits;
  }

  SessionRegistry sessions() {
    return sessions;
  }

  void loginEnded() {
    unfinishedLogins.decrementAndGet();
  }

  /**
   * @param from where the client is
   */
  Session createSession(
      SessionIdentity identity, LoginOutcome outcome, Channel channel, InetAddress from) {
    return new Session(
        identity,
        outcome.parameters(),
        sessionLimits,
        dataInFlight,
        channel,
        new TextPhase(
            outcome, initiator -> listing(channel, from, initiator), loginSettings.textLimits()),
        outcome.expCmdSn(),
        outcome.nextStatSn(),
        owner);
  }

  /**
   * The targets that the initiator may see, each at the portal that the initiator has found: that
   * one it can reach.
   */
  private List<TargetDirectory.Entry> listing(
      Channel channel, InetAddress from, IscsiName initiator) {
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    TargetAddress address =
        new TargetAddress(local.getAddress().getHostAddress(), local.getPort(), PORTAL_GROUP_TAG);
    return directory.list().stream()
        .filter(target -> guard.admits(target, initiator.value(), from))
        .map(target -> new TargetDirectory.Entry(new IscsiName(target.name()), List.of(address)))
        .toList();
  }

  private void accept(SocketChannel channel) {
    if (isClosing || !take(connections, limits.connections())) {
      LOG.warn(
          "connection from {} is closed: {} connections are the limit",
          channel.remoteAddress(),
          limits.connections());
      channel.close();
      return;
    }
    channel.closeFuture().addListener(closed -> connections.decrementAndGet());
    if (!take(unfinishedLogins, limits.unfinishedLogins())) {
      LOG.warn(
          "connection from {} is closed: {} unfinished logins are the limit",
          channel.remoteAddress(),
          limits.unfinishedLogins());
      channel.close();
      return;
    }
    PduDecoder decoder = new PduDecoder(PduDecoder.Sender.INITIATOR, LOGIN_SEGMENT_BYTES);
    channel.config().setRecvByteBufAllocator(new PduReceiveAllocator(decoder, RECEIVE_BYTES));
    PortalEnvironment environment =
        new PortalEnvironment(directory, distribution, guard, channel.remoteAddress());
    LoginPhase login = new LoginPhase(environment, loginSettings);
    ConnectionHandler handler = new ConnectionHandler(this, decoder, login, environment);
    channel.closeFuture().addListener(closed -> handler.leaveLogin());
    channel.pipeline().addLast(decoder, handler);
  }

  private static boolean take(AtomicInteger count, int limit) {
    if (count.incrementAndGet() > limit) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }
}
