package io.sandrift.server.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * How a part of the server listens.
 *
 * @param loops of the listening sockets and of what they accept
 * @param type that goes with the loops
 * @param sendMarks of what they accept: when it is unwritable, and when writable again
 * @param accept given each connection, on its event loop, before anything is read
 */
public record Listening(
    EventLoopGroup loops,
    Class<? extends ServerChannel> type,
    WriteBufferWaterMark sendMarks,
    Consumer<SocketChannel> accept) {

  private static final int BACKLOG = 1024;

  /**
   * Begins to listen. Blocks until it does.
   *
   * @param purpose what for, such as "portal"
   * @param setting by which another address can be chosen
   * @throws IOException when it can't, saying why and what to do
   */
  public Channel on(InetSocketAddress address, String purpose, String setting) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, sendMarks)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept.accept(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on "
              + purpose
              + " "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + bound.cause().getMessage()
              + "); stop what uses it, or choose another "
              + setting,
          bound.cause());
    }
    return bound.channel();
  }
}
