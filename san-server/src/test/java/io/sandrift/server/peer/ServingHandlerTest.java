package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** The serving side, told byte for byte what a peer, or something that isn't one, sends. */
@Timeout(120)
class ServingHandlerTest {

  private static final ServerId SELF = new ServerId("b");
  private static final ServerId PEER = new ServerId("a");
  private static final byte[] SECRET = "the secret of the cluster".getBytes(StandardCharsets.UTF_8);
  private static final int UNIT = StripeLayout.MIN_UNIT_BYTES;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final PeerServer server =
      new PeerServer(
          SELF,
          PeerSecurity.of(SECRET),
          PeerLimits.DEFAULT,
          Lanes.NONE,
          loops,
          NioServerSocketChannel.class);
  private final Handshake handshake = new Handshake(SECRET);
  private final VolumeId volume = VolumeId.random();
  private final Logger log = (Logger) LoggerFactory.getLogger(ServingHandler.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void watchTheLog() {
    logged.start();
    log.addAppender(logged);
    log.setAdditive(false);
    server.publish(
        volume,
        new OwnedVolume(
            SELF,
            new StripeLayout(UNIT, 1),
            new MemoryReplica(UNIT),
            new PartitionMap(volume, 0, List.of(PartitionEntry.first(List.of(SELF))))));
  }

  @AfterEach
  void stop() {
    log.detachAppender(logged);
    log.setAdditive(true);
    loops.shutdownGracefully();
  }

  @Test
  void aPeerThatProvesItselfIsServed() {
    EmbeddedChannel channel = served();
    int handle = open(channel, 1).handle();
    assertThat(io(channel, handle, Operation.READ, 0, 4, Unpooled.EMPTY_BUFFER).status())
        .isEqualTo(IoStatus.OK);
    channel.finishAndReleaseAll();
  }

  @Test
  void aPeerWithAnotherSecretIsRefusedWithAReason() {
    EmbeddedChannel channel = channel();
    Handshake.Greeting hello = hello(PeerFrame.VERSION);
    Frames.deliver(
        channel, PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(hello.encode())));
    Handshake.Greeting welcome = Handshake.Greeting.decode(receive(channel).takeBytes());
    byte[] proof = new Handshake(new byte[16]).proofOfConnecting(hello, welcome);
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.PROOF, 0, Unpooled.wrappedBuffer(proof)));
    assertRefused(channel, "cluster.secret-file");
  }

  @Test
  void aProofThatWasOverheardIsWorthNothingTheNextTime() {
    EmbeddedChannel overheard = channel();
    Handshake.Greeting hello = hello(PeerFrame.VERSION);
    byte[] said = hello.encode();
    Frames.deliver(overheard, PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(said)));
    Handshake.Greeting welcome = Handshake.Greeting.decode(receive(overheard).takeBytes());
    byte[] proof = handshake.proofOfConnecting(hello, welcome);
    overheard.finishAndReleaseAll();

    EmbeddedChannel channel = channel();
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(said)));
    receive(channel).data().release();
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.PROOF, 0, Unpooled.wrappedBuffer(proof)));
    assertRefused(channel, "cluster.secret-file");
  }

  @Test
  void aServersOwnProofSentBackIsWorthNothing() {
    EmbeddedChannel channel = channel();
    Frames.deliver(
        channel,
        PeerFrame.of(
            PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(hello(PeerFrame.VERSION).encode())));
    byte[] theirs = Handshake.Greeting.decode(receive(channel).takeBytes()).proof();
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.PROOF, 0, Unpooled.wrappedBuffer(theirs)));
    assertRefused(channel, "cluster.secret-file");
  }

  @Test
  void anotherVersionIsRefusedInWords() {
    for (int other : new int[] {0, 7}) {
      EmbeddedChannel channel = channel();
      Frames.deliver(
          channel,
          PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(hello(other).encode())));
      assertRefused(channel, "speaks version 1 of the peer protocol, not " + other);
    }
  }

  @Test
  void nothingIsServedBeforeTheProof() {
    for (PeerFrame frame : Frames.ofEveryKind().values()) {
      if (frame.kind() != PeerFrame.Kind.HELLO) {
        EmbeddedChannel channel = channel();
        Frames.deliver(channel, frame);
        assertThat(channel.isOpen()).as("%s", frame).isFalse();
        channel.finishAndReleaseAll();
      }
    }
  }

  @Test
  void aGreetingThatIsNoneEndsTheConnection() {
    for (String text : List.of("", "null", "[]", "{", "{\"version\":1}", "\u0000")) {
      EmbeddedChannel channel = channel();
      Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.HELLO, 0, Frames.text(text)));
      assertThat(channel.isOpen()).as(text).isFalse();
      channel.finishAndReleaseAll();
    }
    assertNoInternalError(0);
  }

  @Test
  void aVolumeThatIsNotServedIsUnavailable() {
    EmbeddedChannel channel = served();
    server.withdraw(volume);
    assertThat(open(channel, 1).status()).isEqualTo(IoStatus.UNAVAILABLE);
    channel.finishAndReleaseAll();
  }

  @Test
  void aHandleThatIsNotOpenIsFenced() {
    EmbeddedChannel channel = served();
    assertThat(io(channel, 99, Operation.READ, 0, 4, Unpooled.EMPTY_BUFFER).status())
        .isEqualTo(IoStatus.FENCED);
    channel.finishAndReleaseAll();
  }

  @Test
  void anOlderLoginIsFenced() {
    EmbeddedChannel channel = served();
    open(channel, 5);
    assertThat(open(channel, 4).status()).isEqualTo(IoStatus.FENCED);
    channel.finishAndReleaseAll();
  }

  @Test
  void aRequestBeyondItsUnitEndsTheConnection() {
    EmbeddedChannel channel = served();
    int handle = open(channel, 1).handle();
    Frames.deliver(channel, ioFrame(handle, Operation.READ, UNIT - 1, 2, Unpooled.EMPTY_BUFFER));
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  @Test
  void whatFollowsAnImpossibleRequestIsNotCarriedOut() {
    EmbeddedChannel channel = served();
    int handle = open(channel, 1).handle();
    byte[] both =
        Frames.bytesOf(
            List.of(
                ioFrame(handle, Operation.WRITE, 0, 4, Unpooled.EMPTY_BUFFER),
                ioFrame(handle, Operation.WRITE, 0, 4, Frames.text("data"))));
    channel.writeInbound(Unpooled.copiedBuffer(both));
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    assertThat((ByteBuf) channel.readOutbound()).isNull();
    channel.finishAndReleaseAll();
  }

  /** Frames whose digests are right and whose fields are anything. */
  @Test
  void whateverAPeerSaysEndsInAnAnswerOrAClosedConnection() {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("ServingHandlerTest: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      EmbeddedChannel channel = served();
      open(channel, 1);
      for (int i = 0; i < 40 && channel.isOpen(); i++) {
        Frames.deliver(channel, anyFrame(random));
        channel.releaseOutbound();
      }
      channel.finishAndReleaseAll();
      assertNoInternalError(seed);
    }
  }

  private PeerFrame anyFrame(Random random) {
    PeerFrame.Kind[] kinds = {
      PeerFrame.Kind.IO,
      PeerFrame.Kind.IO,
      PeerFrame.Kind.IO,
      PeerFrame.Kind.OPEN,
      PeerFrame.Kind.CLOSE,
      PeerFrame.Kind.CALL,
      PeerFrame.Kind.PING,
      PeerFrame.Kind.values()[random.nextInt(PeerFrame.Kind.values().length)]
    };
    byte[] data = new byte[random.nextInt(3) * random.nextInt(50)];
    random.nextBytes(data);
    return new PeerFrame(
        kinds[random.nextInt(kinds.length)],
        random.nextInt(10),
        random.nextInt(),
        random.nextInt(4),
        random.nextInt(3),
        random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(5),
        random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(UNIT),
        random.nextInt(4) == 0 ? random.nextInt() : data.length,
        Unpooled.wrappedBuffer(data));
  }

  private void assertNoInternalError(long seed) {
    assertThat(logged.list)
        .as("seed %d", seed)
        .noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.ERROR));
  }

  private void assertRefused(EmbeddedChannel channel, String why) {
    PeerFrame refused = receive(channel);
    assertThat(refused.kind()).isEqualTo(PeerFrame.Kind.REFUSED);
    assertThat(new String(refused.takeBytes(), StandardCharsets.UTF_8)).contains(why);
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  private EmbeddedChannel channel() {
    PeerFrameDecoder decoder = new PeerFrameDecoder((header, length) -> null, Handshake.MAX_BYTES);
    return new EmbeddedChannel(
        decoder, new ServingHandler(server, handshake, decoder, PeerLimits.DEFAULT));
  }

  private EmbeddedChannel served() {
    EmbeddedChannel channel = channel();
    Handshake.Greeting hello = hello(PeerFrame.VERSION);
    Frames.deliver(
        channel, PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(hello.encode())));
    Handshake.Greeting welcome = Handshake.Greeting.decode(receive(channel).takeBytes());
    assertThat(welcome.proof()).isEqualTo(handshake.proofOfAccepting(hello, welcome));
    byte[] proof = handshake.proofOfConnecting(hello, welcome);
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.PROOF, 0, Unpooled.wrappedBuffer(proof)));
    assertThat(receive(channel).kind()).isEqualTo(PeerFrame.Kind.READY);
    return channel;
  }

  private PeerFrame open(EmbeddedChannel channel, long epoch) {
    ByteBuf data =
        Unpooled.buffer()
            .writeLong(volume.value().getMostSignificantBits())
            .writeLong(volume.value().getLeastSignificantBits())
            .writeBytes("nexus".getBytes(StandardCharsets.UTF_8));
    Frames.deliver(channel, new PeerFrame(PeerFrame.Kind.OPEN, 0, 1, 0, epoch, 0, 0, 0, data));
    return receive(channel);
  }

  private static PeerFrame io(
      EmbeddedChannel channel, int handle, Operation operation, int offset, int n, ByteBuf data) {
    Frames.deliver(channel, ioFrame(handle, operation, offset, n, data));
    PeerFrame answer = receive(channel);
    answer.data().release();
    return answer;
  }

  private static PeerFrame ioFrame(
      int handle, Operation operation, int offset, int length, ByteBuf data) {
    return new PeerFrame(
        PeerFrame.Kind.IO, PeerFrame.numberOf(operation), 2, handle, 1, 0, offset, length, data);
  }

  private static Handshake.Greeting hello(int version) {
    return new Handshake.Greeting(version, PEER, new byte[Handshake.NONCE_BYTES], "", new byte[0]);
  }

  /** The one frame that it has sent. */
  private static PeerFrame receive(EmbeddedChannel channel) {
    List<PeerFrame> frames = Frames.sentBy(channel);
    assertThat(frames).hasSize(1);
    return frames.get(0);
  }
}
