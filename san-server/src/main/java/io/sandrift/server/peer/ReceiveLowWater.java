package io.sandrift.server.peer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel wake the reader of a socket only when there is something worth reading: the
 * SO_RCVLOWAT of socket(7). Long data come in many segments, and each of them would wake a reader
 * who has nothing else to do, to read what is there so far.
 *
 * <p>The kernel wakes the reader earlier where it can't hold so much. A socket that refuses the
 * mark is read as any other. Confined to the channel's event loop.
 */
final class ReceiveLowWater {

  /** What Linux calls SOL_SOCKET and SO_RCVLOWAT on the processors that Netty has a library for. */
  private static final ChannelOption<Integer> OPTION =
      new IntegerUnixChannelOption("SO_RCVLOWAT", 1, 18);

  /** For less, setting the mark costs more than it saves. */
  private static final int LEAST_BYTES = 32 * 1024;

  private static final int MOST_BYTES = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ReceiveLowWater.class);

  private final Channel channel;
  private int mark = 1;
  private boolean isRefused;

  private ReceiveLowWater(Channel channel) {
    this.channel = channel;
  }

  /** Null where the system doesn't have it. */
  static @Nullable ReceiveLowWater of(Channel channel) {
    return channel instanceof EpollSocketChannel && isHeeded(System.getProperty("os.version"))
        ? new ReceiveLowWater(channel)
        : null;
  }

  /**
   * Before Linux 4.18, a reader wasn't woken for what had come just before the mark was lowered,
   * and before 5.12 not always when the socket could hold no more.
   */
  static boolean isHeeded(String kernelVersion) {
    String[] numbers = kernelVersion.split("[^0-9]", 3);
    try {
      int major = Integer.parseInt(numbers[0]);
      return major > 5 || (major == 5 && Integer.parseInt(numbers[1]) >= 12);
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      return false;
    }
  }

  /** So many bytes are missing to what is being received; 0 for a length that isn't known. */
  void expect(int bytes) {
    int wanted = bytes < LEAST_BYTES ? 1 : Math.min(bytes, MOST_BYTES);
    if (wanted != mark && !isRefused && channel.isOpen()) {
      mark = wanted;
      try {
        channel.config().setOption(OPTION, wanted);
      } catch (ChannelException e) {
        isRefused = true;
        LOG.debug("no low-water mark for {}", channel.remoteAddress(), e);
      }
    }
  }
}
