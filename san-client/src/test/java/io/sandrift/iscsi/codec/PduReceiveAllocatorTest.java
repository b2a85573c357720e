package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.Pdu;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large and small PDUs over real sockets, whose reads the allocator steers. */
@Timeout(30)
class PduReceiveAllocatorTest {

  private static final int BATCH_BYTES = 16 * 1024;
  private static final int MAX_DATA = 256 * 1024;

  /** The two ways to do socket I/O. */
  enum Transport {
    NIO,
    EPOLL;

    boolean isAvailable() {
      return this == NIO || Epoll.isAvailable();
    }

    IoHandlerFactory ioHandler() {
      return this == NIO ? NioIoHandler.newFactory() : EpollIoHandler.newFactory();
    }

    Class<? extends ServerChannel> serverChannel() {
      return this == NIO ? NioServerSocketChannel.class : EpollServerSocketChannel.class;
    }
  }

  /** Keeps what was decoded for the test to take. */
  private static final class Received extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      messages.add(message);
    }

    Pdu next() throws InterruptedException {
      Object message = messages.poll(10, TimeUnit.SECONDS);
      assertThat(message).isInstanceOf(Pdu.class);
      return (Pdu) message;
    }
  }

  @ParameterizedTest
  @EnumSource
  void pdusOfAllSizesArriveUnharmed(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable(), "native epoll needs Linux on x86_64");
    Random random = new Random(7);
    int[] lengths = new int[200];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = i % 4 == 0 ? random.nextInt(MAX_DATA + 1) : random.nextInt(8192);
    }
    lengths[0] = MAX_DATA;
    lengths[1] = 0;

    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    Received received = new Received();
    Digests digests = new Digests(true, true);
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.ioHandler());
    try {
      Channel server =
          new ServerBootstrap()
              .group(group)
              .channel(transport.serverChannel())
              .childOption(ChannelOption.ALLOCATOR, allocator)
              .childHandler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      PduDecoder decoder = new PduDecoder(PduDecoder.Sender.INITIATOR, MAX_DATA);
                      decoder.setDigests(digests);
                      channel
                          .config()
                          .setRecvByteBufAllocator(new PduReceiveAllocator(decoder, BATCH_BYTES));
                      channel.pipeline().addLast(decoder, received);
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .sync()
              .channel();
      int port = ((InetSocketAddress) server.localAddress()).getPort();
      Thread sender = new Thread(() -> send(port, lengths, digests), "sender");
      sender.start();
      for (int i = 0; i < lengths.length; i++) {
        DataOut pdu = (DataOut) received.next();
        assertThat(pdu.dataSn()).isEqualTo(i);
        assertThat(ByteBufUtil.getBytes(pdu.data())).isEqualTo(data(i, lengths[i]));
        pdu.release();
      }
      sender.join(10_000);
      server.close().sync();
    } finally {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  /** Writes in pieces that have nothing to do with the PDUs. */
  private static void send(int port, int[] lengths, Digests digests) {
    PduEncoder encoder = new PduEncoder();
    encoder.setDigests(digests);
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < lengths.length; i++) {
      encoder.encode(
          all, new DataOut(true, 0, 1, 2, 3, i, 0, Unpooled.wrappedBuffer(data(i, lengths[i]))));
    }
    Random random = new Random(8);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      while (all.isReadable()) {
        all.readBytes(out, Math.min(all.readableBytes(), 1 + random.nextInt(100_000)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] data(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
