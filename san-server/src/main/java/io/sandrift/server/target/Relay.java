package io.sandrift.server.target;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.sandrift.iscsi.text.TargetAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One end of a connection that this server carries to another one: what comes in here goes out at
 * the other end. Both ends have one event loop; each reads only while the other's data flow off, so
 * that a relay holds no more than the water marks of two channels.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  private static final int CONNECT_MILLIS = 3000;

  private static final WriteBufferWaterMark MARKS =
      new WriteBufferWaterMark(256 * 1024, 512 * 1024);

  private final Channel other;

  private Relay(Channel other) {
    this.other = other;
  }

  /**
   * Connects to {@code address}, has it told whose connection this is, sends what the initiator has
   * said so far, and ties the two connections together.
   *
   * @param distribution tells the other server
   * @param from where the client is
   * @param client the initiator's channel; its handlers have been removed, or will be before it
   *     reads on
   * @param said taken over
   * @return completes on the channel's event loop when the relay stands; failed when there is no
   *     connection, and the client's is as it was then
   */
  static CompletableFuture<Void> begin(
      ClientDistribution distribution,
      InetAddress from,
      Channel client,
      TargetAddress address,
      ByteBuf said) {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    Relay fromDestination = new Relay(client);
    new Bootstrap()
        .group(client.eventLoop())
        .channel(TargetServer.clientChannelType())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
        .handler(fromDestination)
        .connect(address.host(), address.port())
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (!connected.isSuccess()) {
                    said.release();
                    begun.completeExceptionally(connected.cause());
                    return;
                  }
                  Channel destination = connected.channel();
                  distribution
                      .carries(address, (InetSocketAddress) destination.localAddress(), from)
                      .whenCompleteAsync(
                          (told, failure) -> tie(client, destination, said, begun),
                          client.eventLoop());
                });
    return begun;
  }

  private static void tie(
      Channel client, Channel destination, ByteBuf said, CompletableFuture<Void> begun) {
    if (!client.isActive() || !destination.isActive()) {
      said.release();
      destination.close();
      begun.completeExceptionally(new IllegalStateException("one of the two has gone"));
      return;
    }
    destination.writeAndFlush(said, destination.voidPromise());
    begun.complete(null);
    client.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator());
    client.config().setWriteBufferWaterMark(MARKS);
    client.pipeline().addLast(new Relay(destination));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    other.write(message, other.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    other.flush();
    if (!other.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      other.config().setAutoRead(true);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closeWhenSent(other);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** What was received goes out first; but nobody waits for a peer that doesn't read. */
  private static void closeWhenSent(Channel channel) {
    if (channel.isActive()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      channel.eventLoop().schedule(() -> channel.close(), 5, TimeUnit.SECONDS);
    }
  }
}
