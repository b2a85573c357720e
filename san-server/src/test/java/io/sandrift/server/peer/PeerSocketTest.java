package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked of Linux for a connection between servers. */
@Tag("S12")
@Timeout(120)
class PeerSocketTest {

  private static final int LONGEST = 700_000;

  private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private EventLoopGroup loops;
  private Channel listening;
  private Socket peer;

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(Epoll.isAvailable());
    loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    PeerFrameDecoder decoder = new PeerFrameDecoder((frame, size) -> null, LONGEST);
                    decoder.sizeReceives(channel);
                    channel.pipeline().addLast(decoder, new Receiver());
                    accepted.add(channel);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    peer = new Socket();
    peer.connect(listening.localAddress());
  }

  @AfterEach
  void disconnect() throws Exception {
    if (loops != null) {
      peer.close();
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void framesOfAllLengthsArriveHoweverTheyAreCutIntoPieces() throws Exception {
    Random random = new Random(7);
    OutputStream out = peer.getOutputStream();
    for (int i = 0; i < 300; i++) {
      byte[] frame = frame(random.nextInt(10) == 0 ? 0 : random.nextInt(LONGEST));
      int most = 1 << random.nextInt(10, 20);
      for (int at = 0; at < frame.length; ) {
        int piece = Math.min(frame.length - at, 1 + random.nextInt(most));
        out.write(frame, at, piece);
        at += piece;
      }
      assertThat(received.poll(60, TimeUnit.SECONDS))
          .as("the frame %d", i)
          .isEqualTo(frame.length - PeerFrame.HEADER_BYTES);
    }
  }

  @Test
  void aFrameThatComesByteForByteIsReceivedWithItsLastByte() throws Exception {
    byte[] frame = frame(40_000);
    peer.setTcpNoDelay(true);
    OutputStream out = peer.getOutputStream();
    for (byte each : frame) {
      out.write(each);
    }
    assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo(40_000);
  }

  @Test
  void theCongestionControlIsTheOneThatWasAskedFor() throws Exception {
    String name = available()[0];
    Channel channel = accepted.poll(60, TimeUnit.SECONDS);
    new CongestionControl(name).use(channel);
    assertThat(congestionControl(channel)).isEqualTo(name);
  }

  @Test
  void whatIsAcceptedInheritsItFromTheSocketThatListens() throws Exception {
    String[] names = available();
    String name = names[names.length - 1];
    assertThat(accepted.poll(60, TimeUnit.SECONDS)).as("the first one").isNotNull();
    new CongestionControl(name).use(listening);
    try (Socket another = new Socket()) {
      another.connect(listening.localAddress());
      assertThat(congestionControl(accepted.poll(60, TimeUnit.SECONDS))).isEqualTo(name);
    }
  }

  @Test
  void withOneThatTheSystemHasNotGotTheConnectionGoesOnAsItWas() throws Exception {
    Channel channel = accepted.poll(60, TimeUnit.SECONDS);
    String before = congestionControl(channel);
    new CongestionControl("nosuchthing").use(channel);
    assertThat(congestionControl(channel)).isEqualTo(before);
    peer.getOutputStream().write(frame(100));
    assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo(100);
  }

  private static String[] available() throws Exception {
    Path names = Path.of("/proc/sys/net/ipv4/tcp_allowed_congestion_control");
    return Files.readString(names).strip().split(" ");
  }

  private static String congestionControl(Channel channel) {
    ByteBuffer name = channel.config().getOption(CongestionControl.option(16));
    byte[] bytes = new byte[name.remaining()];
    name.get(bytes);
    return new String(bytes, StandardCharsets.US_ASCII).replaceAll("\0.*", "");
  }

  private static byte[] frame(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return Frames.bytesOf(
        List.of(PeerFrame.of(PeerFrame.Kind.ANSWER, 1, Unpooled.wrappedBuffer(data))));
  }

  private final class Receiver extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf data = ((PeerFrame) message).data();
      received.add(data.readableBytes());
      data.release();
    }
  }
}
