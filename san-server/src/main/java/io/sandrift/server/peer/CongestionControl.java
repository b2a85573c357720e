package io.sandrift.server.peer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The algorithm by which TCP sends to other servers: the TCP_CONGESTION of tcp(7). Where the system
 * hasn't got it, its own is used, and a line in the log says so once.
 */
public final class CongestionControl {

  /** The system's own. */
  public static final CongestionControl OF_SYSTEM = new CongestionControl("");

  private static final Logger LOG = LoggerFactory.getLogger(CongestionControl.class);

  /** IPPROTO_TCP and TCP_CONGESTION of Linux. */
  private static final int LEVEL = 6;

  private static final int NAME = 13;

  private final String name;
  private final AtomicBoolean isMissed = new AtomicBoolean();

  /**
   * @param name as in net.ipv4.tcp_allowed_congestion_control, such as {@code cubic}; empty for the
   *     system's own
   */
  public CongestionControl(String name) {
    this.name = name;
  }

  /**
   * Has the channel's socket use it, on Linux. Best before it is connected, or for the socket that
   * listens: BBR leaves its timers behind in a connection that it has begun.
   */
  void use(Channel channel) {
    if (name.isEmpty()
        || !(channel instanceof EpollSocketChannel
            || channel instanceof EpollServerSocketChannel)) {
      return;
    }
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer value = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    try {
      channel.config().setOption(option(bytes.length), value);
    } catch (ChannelException e) {
      if (isMissed.compareAndSet(false, true)) {
        LOG.warn(
            "connections to other servers use the system's congestion control, as {} is not to be"
                + " had ({}); load its module and add it to"
                + " net.ipv4.tcp_allowed_congestion_control, or set peer.congestion-control to"
                + " another",
            name,
            e.getMessage());
      }
    }
  }

  /** The socket's option that holds a name of so many bytes. */
  static ChannelOption<ByteBuffer> option(int length) {
    return new RawUnixChannelOption("TCP_CONGESTION", LEVEL, NAME, length);
  }
}
