package io.sandrift.server.node;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.CallLinks;
import io.sandrift.server.peer.CongestionControl;
import io.sandrift.server.peer.Lanes;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerLimits;
import io.sandrift.server.peer.PeerLinks;
import io.sandrift.server.peer.PeerSecurity;
import io.sandrift.server.peer.PeerServer;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.target.TargetServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;

/**
 * This server among the others: what it serves them, and its ways to them. Opened and closed by the
 * node.
 */
final class Peers implements AutoCloseable {

  private final PeerServer server;
  private final PeerLinks links;
  private final CallLinks calls;
  private final CallLinks bulk;
  private final List<EventLoopGroup> loops;
  private final HostPort address;
  private final HostPort advertised;

  private Peers(
      PeerServer server,
      PeerLinks links,
      CallLinks calls,
      CallLinks bulk,
      List<EventLoopGroup> loops,
      HostPort address,
      HostPort advertised) {
    this.server = server;
    this.links = links;
    this.calls = calls;
    this.bulk = bulk;
    this.loops = loops;
    this.address = address;
    this.advertised = advertised;
  }

  /**
   * Begins to listen.
   *
   * @param target whose event loops block requests share, so that none changes threads
   * @throws StartupException if the secret, the certificates or the address can't be used
   */
  static Peers open(
      NodeSettings settings,
      ServerId self,
      CuratorFramework zookeeper,
      Membership membership,
      TargetServer target)
      throws StartupException {
    PeerSecurity security = PeerTls.security(settings, ClusterSecret.find(settings, zookeeper));
    PeerLimits usual = PeerLimits.DEFAULT;
    PeerLimits limits =
        new PeerLimits(
            usual.connectTimeout(),
            settings.get(ServerSettings.PEER_SILENCE),
            usual.requests(),
            usual.bytes(),
            new CongestionControl(settings.get(ServerSettings.PEER_CONGESTION_CONTROL)));
    boolean isEpoll = target.isEpoll();
    EventLoopGroup callLoop = loop("peer-calls", Thread.NORM_PRIORITY, isEpoll);
    EventLoopGroup bulkLoop = loop("peer-bulk", Thread.MIN_PRIORITY, isEpoll);
    Lanes lanes = new Lanes(Map.of(Lanes.CALLS, callLoop.next(), Lanes.BULK, bulkLoop.next()));
    PeerServer server =
        new PeerServer(
            self,
            security,
            limits,
            lanes,
            target.eventLoops(),
            isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    Optional<HostPort> advertised = settings.get(ServerSettings.PEER_ADVERTISED_ADDRESS);
    List<EventLoopGroup> loops = List.of(callLoop, bulkLoop);
    HostPort address;
    try {
      address = listen(server, settings.get(ServerSettings.PEER_ADDRESS), advertised.isPresent());
    } catch (StartupException e) {
      end(loops);
      throw e;
    }
    PeerLinks links =
        new PeerLinks(
            self,
            security,
            limits,
            lanes,
            isEpoll ? EpollSocketChannel.class : NioSocketChannel.class,
            peer -> membership.find(peer).flatMap(Peers::addressOf));
    return new Peers(
        server,
        links,
        new CallLinks(server, links, callLoop.next()),
        new CallLinks(server, links, bulkLoop.next()),
        loops,
        address,
        advertised.orElse(address));
  }

  /** Returns the address with the port that it really has. */
  private static HostPort listen(PeerServer server, HostPort wanted, boolean isAnotherAdvertised)
      throws StartupException {
    try {
      InetSocketAddress resolved = wanted.resolve();
      if (!isAnotherAdvertised && resolved.getAddress().isAnyLocalAddress()) {
        throw new StartupException(
            "peer.address "
                + wanted
                + " is no address at which other servers reach this one; give the address of one"
                + " interface, or a peer.advertised-address");
      }
      return wanted.withPort(server.listen(resolved).getPort());
    } catch (UnknownHostException e) {
      throw new StartupException(
          "peer.address " + wanted + ": there is no host '" + wanted.host() + "'", e);
    } catch (IOException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static EventLoopGroup loop(String name, int priority, boolean isEpoll) {
    return new MultiThreadIoEventLoopGroup(
        1,
        new DefaultThreadFactory(name, true, priority),
        isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  private static Optional<InetSocketAddress> addressOf(Member member) {
    HostPort address = HostPort.parse(member.peer());
    return Optional.of(InetSocketAddress.createUnresolved(address.host(), address.port()));
  }

  PeerServer server() {
    return server;
  }

  PeerLinks links() {
    return links;
  }

  /** Calls to the other servers, and the topics that this one answers. */
  PeerCalls calls() {
    return calls;
  }

  /** The same for background work, on connections and a thread that nobody else waits for. */
  PeerCalls bulk() {
    return bulk;
  }

  /** Where this server listens, with the port that it really has. */
  HostPort address() {
    return address;
  }

  /** Where the others are told to reach it. */
  HostPort advertised() {
    return advertised;
  }

  @Override
  public void close() {
    links.close();
    server.close();
    end(loops);
  }

  private static void end(List<EventLoopGroup> loops) {
    for (EventLoopGroup loop : loops) {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
