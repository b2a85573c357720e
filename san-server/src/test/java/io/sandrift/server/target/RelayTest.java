package io.sandrift.server.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduReceiveAllocator;
import io.sandrift.iscsi.text.TargetAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that is carried from a client to a destination, both plain sockets. */
@Timeout(60)
@Tag("M2")
class RelayTest {

  private static final byte[] SAID = {1, 2, 3};

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final CompletableFuture<Void> tied = new CompletableFuture<>();
  private ServerSocket listening;
  private Socket client;
  private Socket destination;

  @BeforeEach
  void carry() throws Exception {
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Channel portal =
        portal(
            loops,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext ctx) {
                PduDecoder unused = new PduDecoder(PduDecoder.Sender.INITIATOR, 8192);
                ctx.channel()
                    .config()
                    .setRecvByteBufAllocator(new PduReceiveAllocator(unused, 64 * 1024));
                ctx.read();
              }

              @Override
              public void channelRead(ChannelHandlerContext ctx, Object said) {
                Relay.begin(
                        ClientDistribution.NONE,
                        listening.getInetAddress(),
                        ctx.channel(),
                        new TargetAddress("127.0.0.1", listening.getLocalPort()),
                        (ByteBuf) said)
                    .whenComplete(
                        (nothing, failure) -> {
                          ctx.pipeline().remove(this);
                          ctx.channel().config().setAutoRead(true);
                          tied.complete(null);
                        });
              }
            });
    client = new Socket();
    client.connect(portal.localAddress());
    client.getOutputStream().write(SAID);
    listening.setSoTimeout(20_000);
    destination = listening.accept();
    destination.setSoTimeout(20_000);
    client.setSoTimeout(20_000);
    assertThat(destination.getInputStream().readNBytes(SAID.length)).isEqualTo(SAID);
    tied.get(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    destination.close();
    listening.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void longDataComeWholeAndInOrderToAReaderThatIsSlow() throws Exception {
    assertThat(carriedBytes(client, destination)).isTrue();
    assertThat(carriedBytes(destination, client)).isTrue();
  }

  @Test
  void aFewBytesComeAtOnce() throws Exception {
    for (int length = 1; length < 20_000; length = length * 2 + 1) {
      byte[] few = new byte[length];
      new Random(length).nextBytes(few);
      client.getOutputStream().write(few);
      assertThat(destination.getInputStream().readNBytes(length)).isEqualTo(few);
    }
  }

  @Test
  void theEndComesAfterTheLastByte() throws Exception {
    byte[] last = new byte[1_000_000];
    new Random(7).nextBytes(last);
    CompletableFuture<Void> sent =
        sending(client, last)
            .thenRun(
                () -> {
                  try {
                    client.close();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    assertThat(destination.getInputStream().readAllBytes()).isEqualTo(last);
    sent.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aDestinationThatGoesEndsTheClientsConnection() throws Exception {
    destination.close();
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void theKernelMovesWhatItCan() throws Exception {
    assumeThat(Epoll.isAvailable()).isTrue();
    byte[] sent = new byte[48 * 1024];
    new Random(9).nextBytes(sent);
    try (Pair from = new Pair(loops);
        Pair to = new Pair(loops)) {
      from.outside.getOutputStream().write(sent);
      Splice splice = Splice.between(from.inside, to.inside);
      // More than once: the first time some of it may not have come in yet.
      ScheduledFuture<?> moves =
          from.inside
              .eventLoop()
              .scheduleAtFixedRate(() -> moveAll(splice), 0, 1, TimeUnit.MILLISECONDS);
      assertThat(to.outside.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      moves.cancel(false);
      from.inside.eventLoop().submit(splice::close).sync();
    }
  }

  private static void moveAll(Splice splice) {
    try {
      assertThat(splice.move()).isNull();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Listens; a channel that comes in reads when it is told to. */
  private static Channel portal(EventLoopGroup loops, ChannelHandler accepted) throws Exception {
    return new ServerBootstrap()
        .group(loops)
        .channel(
            Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(accepted)
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  /** Sends on another thread. */
  private static CompletableFuture<Void> sending(Socket from, byte[] bytes) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            from.getOutputStream().write(bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** A socket whose other end is a channel that doesn't read by itself. */
  private static final class Pair implements AutoCloseable {
    final Socket outside = new Socket();
    final Channel inside;
    private final Channel portal;

    Pair(EventLoopGroup loops) throws Exception {
      CompletableFuture<Channel> accepted = new CompletableFuture<>();
      portal =
          portal(
              loops,
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                  accepted.complete(ctx.channel());
                }
              });
      outside.connect(portal.localAddress());
      outside.setSoTimeout(20_000);
      inside = accepted.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
      outside.close();
      inside.close().sync();
      portal.close().sync();
    }
  }

  /** Sends much, and reads it in little pieces with rests between. */
  private static boolean carriedBytes(Socket from, Socket to) throws Exception {
    byte[] sent = new byte[24 << 20];
    new Random(sent.length).nextBytes(sent);
    CompletableFuture<Void> sending = sending(from, sent);
    InputStream in = to.getInputStream();
    int at = 0;
    for (int length = 1; at < sent.length; length = length % 70_000 + 997) {
      byte[] part = in.readNBytes(Math.min(length, sent.length - at));
      if (part.length == 0 || !Arrays.equals(part, 0, part.length, sent, at, at + part.length)) {
        return false;
      }
      at += part.length;
      if (at % 13 == 0) {
        Thread.yield();
      }
    }
    sending.get(20, TimeUnit.SECONDS);
    return true;
  }
}
