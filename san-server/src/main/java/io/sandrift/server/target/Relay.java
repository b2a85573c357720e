package io.sandrift.server.target;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.sandrift.iscsi.codec.PduReceiveAllocator;
import io.sandrift.iscsi.text.TargetAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One end of a connection that this server carries to another one: what comes in here goes out at
 * the other end. Both ends have one event loop; each reads only while the other's data flow off, so
 * that a relay holds little more than the water marks of two channels.
 *
 * <p>Little is read at a time where the system can {@linkplain Splice splice}: when that fills the
 * buffer, more has come in, which is left to the kernel. So a request of a few bytes costs what it
 * costs anyway, and long data aren't copied.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private static final int CONNECT_MILLIS = 3000;

  private static final WriteBufferWaterMark MARKS =
      new WriteBufferWaterMark(256 * 1024, 512 * 1024);

  /** What is read at a time where the rest can be spliced: a request, or an answer of one block. */
  private static final int READ_BYTES = 8 * 1024;

  /** Where it can be: all that was written has to be out before. */
  private static final WriteBufferWaterMark SPLICE_MARKS =
      new WriteBufferWaterMark(1, 2 * READ_BYTES);

  private final Channel other;

  /** Whether long data are left to the kernel, and how, from the first of them on. */
  private boolean isSplicing;

  private @Nullable Splice splice;
  private boolean hasMore;

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
    Relay fromClient = new Relay(destination);
    fromClient.prepare(client);
    destination.pipeline().get(Relay.class).prepare(destination);
    client.pipeline().addLast(fromClient);
  }

  /** Decides how what comes from {@code channel} is carried; on the event loop. */
  private void prepare(Channel channel) {
    isSplicing = Splice.isPossible(channel, other);
    other.config().setWriteBufferWaterMark(isSplicing ? SPLICE_MARKS : MARKS);
    if (!isSplicing) {
      return;
    }
    if (channel.config().getRecvByteBufAllocator() instanceof PduReceiveAllocator allocator) {
      // The channel has read by it, and would go on so if it was given another.
      allocator.setBatchBytes(READ_BYTES);
      allocator.maxMessagesPerRead(1);
    } else {
      channel
          .config()
          .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    hasMore = message instanceof ByteBuf bytes && !bytes.isWritable();
    other.write(message, other.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    other.flush();
    if (isSplicing && hasMore) {
      spliceFrom(ctx.channel());
    }
    if (!other.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  private void spliceFrom(Channel channel) {
    hasMore = false;
    try {
      if (splice == null) {
        splice = Splice.between(channel, other);
      }
      ByteBuf left = splice.move();
      if (left != null) {
        other.writeAndFlush(left, other.voidPromise());
      }
    } catch (IOException e) {
      // Whatever it is, the channel meets it as well if it is in the way of copying.
      LOG.warn("from {} to {} is copied from now on: {}", channel, other, e.toString());
      isSplicing = false;
      other.config().setWriteBufferWaterMark(MARKS);
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
    if (splice != null) {
      splice.close();
    }
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
