package io.sandrift.server.peer;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.listen.Listening;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for other servers, and serves them this one's partitions and its calls. Started and
 * closed by the node; its directories are safe for all threads.
 */
public final class PeerServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);

  /** Connections of all peers together: more than event loops times servers. */
  private static final int MAX_CONNECTIONS = 8192;

  private static final WriteBufferWaterMark SEND_MARKS = new WriteBufferWaterMark(4 << 20, 8 << 20);

  private final ServerId self;
  private final PeerSecurity security;
  private final PeerLimits limits;
  private final Lanes lanes;
  private final EventLoopGroup eventLoops;
  private final Class<? extends ServerChannel> channelType;
  private final Map<VolumeId, OwnedVolume> volumes = new ConcurrentHashMap<>();
  private final Map<String, PeerCalls.BufferHandler> topics = new ConcurrentHashMap<>();
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private @Nullable Channel listening;
  private volatile boolean isClosed;

  /**
   * @param lanes where what other servers set apart is served
   * @param eventLoops where everything else is; of the caller, who ends them after this is closed
   * @param channelType that goes with them
   */
  public PeerServer(
      ServerId self,
      PeerSecurity security,
      PeerLimits limits,
      Lanes lanes,
      EventLoopGroup eventLoops,
      Class<? extends ServerChannel> channelType) {
    this.self = self;
    this.security = security;
    this.limits = limits;
    this.lanes = lanes;
    this.eventLoops = eventLoops;
    this.channelType = channelType;
  }

  /**
   * Begins to listen.
   *
   * @return the address, with the port that the system chose if {@code address} has port 0
   * @throws IOException when it can't, saying why and what to do
   */
  public synchronized InetSocketAddress listen(InetSocketAddress address) throws IOException {
    listening =
        new Listening(eventLoops, channelType, SEND_MARKS, this::accept)
            .on(address, "peer address", "peer.address");
    // What is accepted inherits it, and is never paced as the system's own would have it.
    limits.congestionControl().use(listening);
    return (InetSocketAddress) listening.localAddress();
  }

  /** Serves this volume's partitions from now on. */
  public void publish(VolumeId id, OwnedVolume volume) {
    volumes.put(id, volume);
  }

  /** No longer. */
  public void withdraw(VolumeId id) {
    volumes.remove(id);
  }

  /** Answers a topic; see {@link PeerCalls#serveBuffers}. */
  void serve(String topic, PeerCalls.BufferHandler handler) {
    if (topics.putIfAbsent(topic, handler) != null) {
      throw new IllegalStateException("topic " + topic + " has a handler already");
    }
  }

  PeerCalls.@Nullable BufferHandler handler(String topic) {
    return topics.get(topic);
  }

  @Nullable OwnedVolume volume(VolumeId id) {
    return volumes.get(id);
  }

  Lanes lanes() {
    return lanes;
  }

  ServerId self() {
    return self;
  }

  /** Stops listening, and closes what is connected. */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (listening != null) {
      listening.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
    connections.forEach(Channel::close);
  }

  private void accept(SocketChannel channel) {
    if (isClosed || count.incrementAndGet() > MAX_CONNECTIONS) {
      count.decrementAndGet();
      LOG.warn(
          "connection from {} is closed: {} of other servers are the limit",
          channel.remoteAddress(),
          MAX_CONNECTIONS);
      channel.close();
      return;
    }
    connections.add(channel);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              connections.remove(channel);
              count.decrementAndGet();
            });
    if (security.accepting() != null) {
      channel.pipeline().addLast(security.accepting().newHandler(channel.alloc()));
    }
    PeerFrameDecoder decoder = new PeerFrameDecoder((header, length) -> null, Handshake.MAX_BYTES);
    if (security.accepting() == null) {
      decoder.sizeReceives(channel);
    }
    limits.congestionControl().use(channel);
    channel
        .pipeline()
        .addLast(
            decoder, new ServingHandler(this, new Handshake(security.secret()), decoder, limits));
  }
}
