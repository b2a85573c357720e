package io.sandrift.server.peer;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.sandrift.load.membership.ServerId;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * This server's connections to the others: one for each event loop and peer, made when it is needed
 * and again, after a pause, when it was lost. Safe for all threads; what it returns for an event
 * loop is used on that event loop only.
 */
public final class PeerLinks implements AutoCloseable {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ServerId self;
  private final PeerSecurity security;
  private final PeerLimits limits;
  private final Lanes lanes;
  private final Class<? extends Channel> channelType;
  private final Function<ServerId, Optional<InetSocketAddress>> addresses;
  private final PeerNames names = new PeerNames();
  private final Map<EventLoop, OfLoop> loops = new ConcurrentHashMap<>();
  private volatile boolean isClosed;

  /**
   * @param lanes among the event loops that will ask
   * @param channelType that goes with the event loops that will ask
   * @param addresses where a server listens for others, if that is known, resolved or not; asked on
   *     event loops
   */
  public PeerLinks(
      ServerId self,
      PeerSecurity security,
      PeerLimits limits,
      Lanes lanes,
      Class<? extends Channel> channelType,
      Function<ServerId, Optional<InetSocketAddress>> addresses) {
    this.self = self;
    this.security = security;
    this.limits = limits;
    this.lanes = lanes;
    this.channelType = channelType;
    this.addresses = addresses;
  }

  ServerId self() {
    return self;
  }

  /**
   * The connection of this event loop to a peer, open or on its way; null when the peer isn't known
   * or a connection has failed a moment ago. On that event loop.
   */
  @Nullable PeerConnection find(EventLoop loop, ServerId peer) {
    return loops.computeIfAbsent(loop, OfLoop::new).find(peer);
  }

  /** Closes all connections; there will be no others. */
  @Override
  public void close() {
    isClosed = true;
    loops.forEach(
        (loop, its) -> {
          try {
            loop.execute(its::close);
          } catch (RejectedExecutionException e) {
            // Its connections have ended with it.
          }
        });
  }

  /** Confined to its event loop. */
  private final class OfLoop {

    private final EventLoop loop;
    private final Map<ServerId, PeerConnection> connections = new HashMap<>();
    private final Map<ServerId, Long> failedNanos = new HashMap<>();

    OfLoop(EventLoop loop) {
      this.loop = loop;
    }

    @Nullable PeerConnection find(ServerId peer) {
      PeerConnection connection = connections.get(peer);
      if (connection != null && !connection.isClosed()) {
        return connection;
      }
      connections.remove(peer);
      Long failed = failedNanos.get(peer);
      if (isClosed || (failed != null && System.nanoTime() - failed < PAUSE_NANOS)) {
        return null;
      }
      Optional<InetSocketAddress> address = addresses.apply(peer);
      if (address.isEmpty()) {
        return null;
      }
      PeerConnection made = connect(peer, address.get());
      if (made != null && !made.isClosed()) {
        connections.put(peer, made);
      }
      return made;
    }

    /** Null if the event loop takes no connections any more, as this server stops. */
    private @Nullable PeerConnection connect(ServerId peer, InetSocketAddress address) {
      PeerConnection[] made = new PeerConnection[1];
      ChannelFuture connecting =
          new Bootstrap()
              .group(loop)
              .channel(channelType)
              .resolver(names)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.SO_KEEPALIVE, true)
              .option(
                  ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limits.connectTimeout().toMillis())
              .handler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      made[0] = prepare(peer, channel);
                    }
                  })
              .connect(address);
      // Registered on this very event loop: the channel is initialised by now.
      PeerConnection connection = made[0];
      if (connection == null) {
        return null;
      }
      connecting.addListener(
          done -> {
            if (!done.isSuccess()) {
              failedNanos.put(peer, System.nanoTime());
              connection.close(String.valueOf(done.cause().getMessage()));
            }
          });
      return connection;
    }

    private PeerConnection prepare(ServerId peer, SocketChannel channel) {
      PeerConnection connection =
          new PeerConnection(
              self, peer, lanes.nameOf(loop), new Handshake(security.secret()), limits, channel);
      if (security.connecting() != null) {
        SslHandler tls = security.connecting().newHandler(channel.alloc());
        tls.setHandshakeTimeoutMillis(limits.connectTimeout().toMillis());
        channel.pipeline().addLast(tls);
      } else {
        connection.decoder().sizeReceives(channel);
      }
      limits.congestionControl().use(channel);
      channel.pipeline().addLast(connection.decoder(), connection.handler());
      channel.closeFuture().addListener(closed -> failedNanos.put(peer, System.nanoTime()));
      return connection;
    }

    void close() {
      connections.values().forEach(connection -> connection.close("this server stops"));
      connections.clear();
    }
  }
}
