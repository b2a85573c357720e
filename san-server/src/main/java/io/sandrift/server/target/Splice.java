package io.sandrift.server.target;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves bytes from one socket to another inside the kernel, through a pipe: splice(2). The pipe is
 * empty between two calls, so that nothing needs it for the bytes' order; what the other socket
 * doesn't take comes back as a buffer, for the channel to send as it sends everything.
 *
 * <p>Confined to the event loop that both channels have.
 */
final class Splice implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Splice.class);

  /** What a pipe holds (pipe(7)). */
  private static final int PIPE_BYTES = 64 * 1024;

  /** After so much the event loop's other channels have their turn. */
  private static final int TURN_BYTES = 1024 * 1024;

  private final EpollSocketChannel from;
  private final EpollSocketChannel to;

  /** The pipe's ends: what was put {@code in} comes {@code out}. */
  private final FileDescriptor in;

  private final FileDescriptor out;

  private Splice(EpollSocketChannel from, EpollSocketChannel to, FileDescriptor[] pipe) {
    this.from = from;
    this.to = to;
    this.out = pipe[0];
    this.in = pipe[1];
  }

  /** Whether both are sockets of Linux, by its own means. */
  static boolean isPossible(Channel from, Channel to) {
    return from instanceof EpollSocketChannel && to instanceof EpollSocketChannel;
  }

  /**
   * @param from one for which it {@linkplain #isPossible is possible}, like {@code to}
   * @throws IOException if there is no pipe to be had
   */
  static Splice between(Channel from, Channel to) throws IOException {
    return new Splice((EpollSocketChannel) from, (EpollSocketChannel) to, FileDescriptor.pipe());
  }

  /**
   * Moves what has come in, if everything that was written before has gone out.
   *
   * @return what was taken from the one socket, but not by the other; null when there is nothing
   * @throws IOException if nothing can be taken from the one socket in this way
   */
  @Nullable ByteBuf move() throws IOException {
    ChannelOutboundBuffer unsent = to.unsafe().outboundBuffer();
    if (unsent == null || !unsent.isEmpty()) {
      return null;
    }
    for (int moved = 0; moved < TURN_BYTES; ) {
      int taken = Native.splice(from.fd().intValue(), -1, in.intValue(), -1, PIPE_BYTES);
      if (taken <= 0) {
        // For now or for good: the channel finds out when it reads for itself.
        return null;
      }
      moved += taken;
      for (int left = taken; left > 0; ) {
        int given = give(left);
        if (given <= 0) {
          return takeBack(left);
        }
        left -= given;
      }
    }
    return null;
  }

  private int give(int length) {
    try {
      return Native.splice(out.intValue(), -1, to.fd().intValue(), -1, length);
    } catch (IOException e) {
      // The channel meets it, too, when it writes what comes back.
      LOG.debug("{} takes nothing more", to, e);
      return 0;
    }
  }

  private @Nullable ByteBuf takeBack(int length) {
    ByteBuf buffer = to.alloc().directBuffer(length, length);
    ByteBuffer room = buffer.internalNioBuffer(0, length);
    int start = room.position();
    try {
      for (int got = 0; got < length; ) {
        int read = out.read(room, start + got, start + length);
        if (read <= 0) {
          throw new IOException("a pipe lacks " + (length - got) + " bytes of " + length);
        }
        got += read;
      }
      return buffer.writerIndex(length);
    } catch (IOException e) {
      LOG.warn("a relay ends, as it has lost bytes: {}", e.toString());
      buffer.release();
      to.close();
      return null;
    }
  }

  @Override
  public void close() {
    try {
      in.close();
      out.close();
    } catch (IOException e) {
      LOG.debug("closing a pipe", e);
    }
  }
}
