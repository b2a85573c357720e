package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.HoldingReplica;
import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.MapSource;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.NexusEpochs;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionOwner;
import io.sandrift.server.block.ProbeRequest;
import io.sandrift.server.block.RoutedReplica;
import io.sandrift.server.trace.Trace;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server a, which asks, and server b, which owns the only partition, over real connections. */
@Tag("S12")
@Timeout(180)
class PeersOverLoopbackTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final int UNIT = 1 << 20;
  private static final PeerSecurity SECURITY =
      PeerSecurity.of("the secret of the cluster".getBytes(StandardCharsets.UTF_8));

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(3, NioIoHandler.newFactory());
  private final EventLoop loop = loops.next();

  /** Set apart at b; nobody else's. */
  private final EventLoop apart =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next();

  private final ExecutorService disk = Executors.newFixedThreadPool(2);
  private final MemoryReplica memory = new MemoryReplica(UNIT, disk);
  private final HoldingReplica store = new HoldingReplica(memory);
  private final Volume volume =
      new Volume(
          VolumeId.random(), VolumeSpec.of(new VolumeName("demo"), 64L << 20), Instant.EPOCH, 0);
  private final PartitionMap map =
      new PartitionMap(volume.id(), 0, List.of(PartitionEntry.first(List.of(B))));
  private final StripeLayout layout = new StripeLayout(UNIT, 1);
  private final OwnedVolume owned = new OwnedVolume(B, layout, store, map);
  private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(true, true);
  private final FakeEpochs epochs = new FakeEpochs();
  private PeerServer server;
  private CuttableLink link;
  private PeerLinks links;

  @BeforeEach
  void start() throws Exception {
    server =
        new PeerServer(
            B,
            SECURITY,
            PeerLimits.DEFAULT,
            new Lanes(Map.of("apart", apart)),
            loops,
            NioServerSocketChannel.class);
    server.publish(volume.id(), owned);
    link =
        new CuttableLink(server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    links = links(SECURITY, link.address());
  }

  @AfterEach
  void stop() throws Exception {
    links.close();
    server.close();
    link.close();
    disk.shutdown();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
    apart.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
  }

  @Test
  void everyOperationIsCarriedOutAtTheOwner() throws Exception {
    RoutedReplica routed = routed();
    ByteBuf data = Unpooled.copiedBuffer("oldXnewX", StandardCharsets.US_ASCII);
    assertThat(ended(done -> routed.write(0, 8, data, 0, 4, done::complete)))
        .isEqualTo(IoStatus.OK);
    assertThat(read(routed, 0, 8, 4)).isEqualTo("oldX");
    assertThat(ended(done -> routed.compareAndWrite(0, 8, data, 0, 4, (s, at) -> done.complete(s))))
        .isEqualTo(IoStatus.OK);
    assertThat(read(routed, 0, 8, 4)).isEqualTo("newX");
    CompletableFuture<Integer> mismatch = new CompletableFuture<>();
    routed.compareAndWrite(0, 9, data, 0, 4, (s, at) -> mismatch.complete(at));
    assertThat(mismatch.get(60, TimeUnit.SECONDS)).isZero();
    ByteBuf bits = Unpooled.wrappedBuffer(new byte[] {1, 1});
    assertThat(ended(done -> routed.or(1, 0, bits, 0, 2, done::complete))).isEqualTo(IoStatus.OK);
    assertThat(ended(done -> routed.writeAtomic(2, 0, data, 0, 8, done::complete)))
        .isEqualTo(IoStatus.OK);
    assertThat(allocated(routed)).containsExactly(0, 1, 2);
    assertThat(ended(done -> routed.zero(1, 0, UNIT, done::complete))).isEqualTo(IoStatus.OK);
    assertThat(allocated(routed)).containsExactly(0, 2);
    assertThat(ended(done -> routed.flush(done::complete))).isEqualTo(IoStatus.OK);
    assertThat(memory.flushes()).isOne();
  }

  @Test
  void whatTheStoreSaysReachesTheNexus() throws Exception {
    RoutedReplica routed = routed();
    ByteBuf data = Unpooled.wrappedBuffer(new byte[4]);
    for (IoStatus status : List.of(IoStatus.NO_SPACE, IoStatus.MEDIUM_ERROR)) {
      memory.failWith(status);
      assertThat(ended(done -> routed.write(0, 0, data, 0, 4, done::complete))).isEqualTo(status);
      assertThat(ended(done -> routed.flush(done::complete))).isEqualTo(status);
    }
  }

  @Test
  void aMebibyteIsReadAsItWasWritten() throws Exception {
    RoutedReplica routed = routed();
    byte[] bytes = new byte[UNIT];
    new Random(1).nextBytes(bytes);
    ByteBuf out = buffers.directBuffer(UNIT, UNIT).writeBytes(bytes);
    assertThat(ended(done -> routed.write(3, 0, out, 0, UNIT, done::complete)))
        .isEqualTo(IoStatus.OK);
    ByteBuf in = buffers.directBuffer(UNIT + 7, UNIT + 7);
    assertThat(ended(done -> routed.read(3, 0, in, 7, UNIT, done::complete)))
        .isEqualTo(IoStatus.OK);
    byte[] read = new byte[UNIT];
    in.getBytes(7, read);
    assertThat(read).isEqualTo(bytes);
    in.release();
    out.release();
    assertBuffersAreBack();
  }

  /** Connections are cut again and again below many requests of all sizes. */
  @Test
  void whateverIsCutEachRequestEndsOnceAndWellAndNoBufferIsLost() throws Exception {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("PeersOverLoopbackTest: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    RoutedReplica routed = routed();
    ByteBuf first = Unpooled.wrappedBuffer(new byte[1]);
    assertThat(ended(done -> routed.write(0, 0, first, 0, 1, done::complete)))
        .isEqualTo(IoStatus.OK);
    int requests = 200;
    AtomicIntegerArray ends = new AtomicIntegerArray(requests);
    AtomicInteger failures = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(requests);
    for (int i = 0; i < requests; i++) {
      int number = i;
      int length = random.nextInt(3) == 0 ? UNIT : 4096;
      ByteBuf buffer = buffers.directBuffer(length, length);
      buffer.setZero(0, length);
      buffer.setInt(0, number + 1);
      // Each request has a unit of its own: the writes' are checked at the end.
      boolean isWrite = random.nextBoolean();
      IoCompletion done =
          status -> {
            ends.incrementAndGet(number);
            if (status != IoStatus.OK) {
              failures.incrementAndGet();
            }
            buffer.release();
            over.countDown();
          };
      if (isWrite) {
        routed.write(number, 0, buffer, 0, length, done);
      } else {
        routed.read(requests + number, 0, buffer, 0, length, done);
      }
      if (i == requests / 2 || random.nextInt(10) == 0) {
        link.cut();
      }
    }
    assertThat(over.await(120, TimeUnit.SECONDS)).as("seed %d", seed).isTrue();
    assertThat(failures).as("seed %d", seed).hasValue(0);
    for (int i = 0; i < requests; i++) {
      assertThat(ends.get(i)).as("seed %d, request %d", seed, i).isOne();
    }
    assertThat(link.connections()).isGreaterThan(1);
    assertBuffersAreBack();
  }

  @Test
  void aWriteHeldBackAtTheOwnerWhenTheConnectionIsCutIsRepeatedBehindItself() throws Exception {
    store.hold();
    RoutedReplica routed = routed();
    ByteBuf data = Unpooled.wrappedBuffer(new byte[8]);
    CompletableFuture<IoStatus> write = new CompletableFuture<>();
    routed.write(0, 0, data, 0, 4, write::complete);
    await(() -> store.held() == 1);
    link.cut();
    await(() -> link.connections() > 1);
    store.release();
    assertThat(write.get(60, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
  }

  @Test
  @Tag("S8")
  void aWriteHeldBackAtTheOwnerKeepsANewerLoginWaitingAndNeverLandsBehindIt() throws Exception {
    store.hold();
    CompletableFuture<IoStatus> old = new CompletableFuture<>();
    routed(owner(1)).write(0, 0, Unpooled.wrappedBuffer(new byte[] {1}), 0, 1, old::complete);
    await(() -> store.held() == 1);

    PeerLinks others = links(SECURITY, link.address());
    epochs.current = 2;
    PeerOwner newer = owner(others, 2);
    CompletableFuture<Void> opening = onLoop(newer::open).thenCompose(future -> future);
    ProbeRequest write =
        new ProbeRequest(
            Operation.WRITE, 0, 0, Unpooled.wrappedBuffer(new byte[] {2}), 1, () -> {});
    loop.execute(() -> newer.submit(write));
    // A call over the same connection has its answer: the login's has not come before it.
    CallLinks ping = new CallLinks(server, others, loop);
    ping.serve("ping", (from, request) -> CompletableFuture.completedFuture(request));
    ping.call(B, "ping", new byte[0], Duration.ofSeconds(60)).get(60, TimeUnit.SECONDS);
    assertThat(opening).isNotDone();
    assertThat(write.ends()).isEmpty();

    store.release();
    opening.get(60, TimeUnit.SECONDS);
    await(() -> !write.ends().isEmpty());
    assertThat(write.ends()).containsExactly(IoStatus.OK);
    assertThat(old.get(60, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
    assertThat(byteAt(0)).isEqualTo((byte) 2);
    others.close();
  }

  @Test
  @Tag("S8")
  void aServerThatSleptThroughANewerLoginIsFencedByTheRecordOfLogins() throws Exception {
    RoutedReplica routed = routed();
    ByteBuf data = Unpooled.wrappedBuffer(new byte[] {1});
    assertThat(ended(done -> routed.write(0, 0, data, 0, 1, done::complete)))
        .isEqualTo(IoStatus.OK);
    link.cut();
    epochs.current = 2;
    await(() -> ended(done -> routed.write(0, 0, data, 0, 1, done::complete)) == IoStatus.FENCED);
  }

  @Test
  void withTheRecordOfLoginsAwayARequestWaitsOnlyWhenItNeedsANewConnection() throws Exception {
    RoutedReplica routed = routed();
    ByteBuf data = Unpooled.wrappedBuffer(new byte[] {1});
    assertThat(ended(done -> routed.write(0, 0, data, 0, 1, done::complete)))
        .isEqualTo(IoStatus.OK);
    epochs.isAway = true;
    assertThat(ended(done -> routed.write(0, 0, data, 0, 1, done::complete)))
        .isEqualTo(IoStatus.OK);
    link.cut();
    CompletableFuture<IoStatus> waiting = new CompletableFuture<>();
    routed.write(0, 0, data, 0, 1, waiting::complete);
    await(() -> epochs.asked.get() > 1);
    assertThat(waiting).isNotDone();
    epochs.isAway = false;
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
  }

  @Test
  void aServerThatIsAwayIsWaitedForAndGoneOnWith() throws Exception {
    RoutedReplica routed = routed();
    link.down();
    CompletableFuture<IoStatus> waiting = new CompletableFuture<>();
    routed.write(0, 0, Unpooled.wrappedBuffer(new byte[1]), 0, 1, waiting::complete);
    link.up();
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
  }

  @Test
  void moreThanTheLimitUnderWayIsToldToComeAgain() throws Exception {
    store.hold();
    links.close();
    links =
        new PeerLinks(
            A,
            SECURITY,
            new PeerLimits(
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                2,
                1 << 20,
                CongestionControl.OF_SYSTEM),
            Lanes.NONE,
            NioSocketChannel.class,
            peer -> Optional.of(link.address()));
    PeerOwner owner = owner(1);
    List<ProbeRequest> requests = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ProbeRequest request =
          new ProbeRequest(Operation.WRITE, 0, i, Unpooled.wrappedBuffer(new byte[1]), 1, () -> {});
      requests.add(request);
      loop.execute(() -> owner.submit(request));
    }
    await(() -> !requests.get(2).ends().isEmpty());
    assertThat(requests.get(2).ends()).containsExactly(IoStatus.UNAVAILABLE);
    store.release();
    await(() -> requests.stream().allMatch(request -> request.ends().size() == 1));
  }

  @Test
  void aServerWithAnotherSecretIsNotReached() throws Exception {
    assertUnreachable(
        links(PeerSecurity.of(new byte[16]), link.address()), "doesn't know the cluster's secret");
  }

  @Test
  void anotherServerAtTheAddressIsNotTakenForTheOneAskedFor() throws Exception {
    PeerServer other =
        new PeerServer(
            new ServerId("c"),
            SECURITY,
            PeerLimits.DEFAULT,
            Lanes.NONE,
            loops,
            NioServerSocketChannel.class);
    InetSocketAddress address =
        other.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertUnreachable(links(SECURITY, address), "server c answers at its address");
    other.close();
  }

  @Test
  void callsAreAnsweredRefusedAndUnknown() throws Exception {
    CallLinks calls = new CallLinks(server, links, loop);
    calls.serve(
        "echo",
        (from, request) ->
            from.equals(A)
                ? CompletableFuture.completedFuture(request)
                : CompletableFuture.failedFuture(new IllegalStateException("from " + from)));
    calls.serve(
        "no",
        (from, request) ->
            CompletableFuture.failedFuture(
                new PeerException(PeerException.Reason.REFUSED, "not today")));
    byte[] long1 = new byte[PeerCalls.MAX_BYTES];
    new Random(2).nextBytes(long1);
    assertThat(calls.call(B, "echo", long1, Duration.ofSeconds(60)).get(60, TimeUnit.SECONDS))
        .isEqualTo(long1);
    assertThatThrownBy(
            () ->
                calls.call(B, "no", new byte[0], Duration.ofSeconds(60)).get(60, TimeUnit.SECONDS))
        .hasRootCauseMessage("not today");
    assertThatThrownBy(
            () ->
                calls
                    .call(B, "what", new byte[0], Duration.ofSeconds(60))
                    .get(60, TimeUnit.SECONDS))
        .hasMessageContaining("has no answer to what");
    assertThatThrownBy(() -> calls.call(B, "echo", new byte[long1.length + 1], Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"apart", "unknown to the other", ""})
  void whatIsSetApartIsServedOnTheLoopOfThatNameIfThereIsOne(String lane) throws Exception {
    Lanes lanes = lane.isEmpty() ? Lanes.NONE : new Lanes(Map.of(lane, loop));
    try (PeerLinks others = links(SECURITY, link.address(), lanes)) {
      CallLinks calls = new CallLinks(server, others, loop);
      calls.serve(
          "where",
          (from, request) ->
              CompletableFuture.completedFuture(
                  (apart.inEventLoop() ? "apart" : "elsewhere")
                      .getBytes(StandardCharsets.US_ASCII)));
      for (int i = 0; i < 3; i++) {
        assertThat(
                calls
                    .call(B, "where", new byte[0], Duration.ofSeconds(60))
                    .get(60, TimeUnit.SECONDS))
            .asString()
            .isEqualTo(lane.equals("apart") ? "apart" : "elsewhere");
      }
    }
  }

  @Test
  void aPeerThatGoesOnBeforeItIsToldToLosesTheConnectionAndNothingElse() throws Exception {
    Handshake.Greeting hello =
        new Handshake.Greeting(
            PeerFrame.VERSION, A, new byte[Handshake.NONCE_BYTES], "apart", new byte[0]);
    try (Socket hasty = new Socket()) {
      hasty.connect(link.address());
      hasty.setSoTimeout(60_000);
      hasty
          .getOutputStream()
          .write(Frames.bytesOf(List.of(frame(PeerFrame.Kind.HELLO, hello.encode()))));
      byte[] header = hasty.getInputStream().readNBytes(PeerFrame.HEADER_BYTES);
      int length = PeerFrame.dataLength(Unpooled.wrappedBuffer(header), 0);
      Handshake.Greeting welcome =
          Handshake.Greeting.decode(hasty.getInputStream().readNBytes(length));
      byte[] proof = new Handshake(SECURITY.secret()).proofOfConnecting(hello, welcome);
      hasty
          .getOutputStream()
          .write(
              Frames.bytesOf(
                  List.of(
                      frame(PeerFrame.Kind.PROOF, proof), PeerFrame.of(PeerFrame.Kind.PING, 1))));
      assertThat(hasty.getInputStream().read()).as("the end of the connection").isNegative();
    }
    assertThat(ended(done -> routed().flush(done::complete))).isEqualTo(IoStatus.OK);
  }

  private static PeerFrame frame(PeerFrame.Kind kind, byte[] data) {
    return PeerFrame.of(kind, 0, Unpooled.wrappedBuffer(data));
  }

  @Test
  void aLongRequestStaysInItsBufferAndIsReleasedOnBothSides() throws Exception {
    CallLinks calls = new CallLinks(server, links, loop);
    CompletableFuture<ByteBuf> came = new CompletableFuture<>();
    calls.serveBuffers(
        "sum",
        (from, request) -> {
          came.complete(request);
          int sum = 0;
          while (request.isReadable()) {
            sum += request.readByte();
          }
          request.release();
          return CompletableFuture.completedFuture(new byte[] {(byte) sum});
        });
    ByteBuf request = buffers.directBuffer(100_000).writeZero(99_998).writeByte(3).writeByte(4);

    assertThat(calls.callWith(B, "sum", request, Duration.ofSeconds(60)).get(60, TimeUnit.SECONDS))
        .containsExactly(7);

    assertThat(request.refCnt()).isZero();
    assertThat(came.get(60, TimeUnit.SECONDS).refCnt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "unknown topic", "too long"})
  void aRequestThatGoesNowhereIsReleased(String why) throws Exception {
    CallLinks calls = new CallLinks(server, links, loop);
    ByteBuf request =
        buffers.directBuffer().writeZero(why.equals("too long") ? PeerCalls.MAX_BYTES + 1 : 10);
    ServerId to = why.equals("nowhere") ? new ServerId("nobody") : B;

    assertThatThrownBy(
            () ->
                calls
                    .callWith(to, "topic", request, Duration.ofSeconds(60))
                    .get(60, TimeUnit.SECONDS))
        .isInstanceOfAny(ExecutionException.class, IllegalArgumentException.class);

    assertThat(request.refCnt()).isZero();
  }

  @Test
  void aCallWithoutAnAnswerEndsAtItsDeadline() {
    CallLinks calls = new CallLinks(server, links, loop);
    calls.serve("never", (from, request) -> new CompletableFuture<>());
    assertThatThrownBy(
            () ->
                calls
                    .call(B, "never", new byte[0], Duration.ofMillis(50))
                    .get(60, TimeUnit.SECONDS))
        .hasMessageContaining("no answer of server b to never");
  }

  private void assertUnreachable(PeerLinks by, String why) {
    assertThatThrownBy(
            () ->
                new CallLinks(server, by, loop)
                    .call(B, "any", new byte[0], Duration.ofSeconds(60))
                    .get(60, TimeUnit.SECONDS))
        .hasMessageContaining(why);
    by.close();
  }

  /** Once the channels have let go, too. */
  private void assertBuffersAreBack() throws Exception {
    await(() -> buffers.metric().usedDirectMemory() == 0);
  }

  private byte byteAt(long unit) throws Exception {
    ByteBuf one = Unpooled.wrappedBuffer(new byte[1]);
    assertThat(ended(done -> memory.read(unit, 0, one, 0, 1, done::complete)))
        .isEqualTo(IoStatus.OK);
    return one.getByte(0);
  }

  private String read(RoutedReplica routed, long unit, int offset, int length) throws Exception {
    ByteBuf buffer = Unpooled.buffer(length);
    assertThat(ended(done -> routed.read(unit, offset, buffer, 0, length, done::complete)))
        .isEqualTo(IoStatus.OK);
    return buffer.writerIndex(length).toString(StandardCharsets.US_ASCII);
  }

  private static List<Integer> allocated(RoutedReplica routed) throws Exception {
    CompletableFuture<List<Integer>> allocated = new CompletableFuture<>();
    routed.allocation(0, 10, (status, bits) -> allocated.complete(bits.stream().boxed().toList()));
    return allocated.get(60, TimeUnit.SECONDS);
  }

  private interface Beginning {
    void begin(CompletableFuture<IoStatus> done);
  }

  private static IoStatus ended(Beginning beginning) throws Exception {
    CompletableFuture<IoStatus> done = new CompletableFuture<>();
    beginning.begin(done);
    return done.get(60, TimeUnit.SECONDS);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("within 60 s").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private <T> CompletableFuture<T> onLoop(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, loop);
  }

  private PeerLinks links(PeerSecurity security, InetSocketAddress address) {
    return links(security, address, Lanes.NONE);
  }

  private PeerLinks links(PeerSecurity security, InetSocketAddress address, Lanes lanes) {
    return new PeerLinks(
        A,
        security,
        new PeerLimits(
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            4096,
            64L << 20,
            CongestionControl.OF_SYSTEM),
        lanes,
        NioSocketChannel.class,
        peer -> Optional.of(address));
  }

  private PeerOwner owner(long epoch) {
    return owner(links, epoch);
  }

  private PeerOwner owner(PeerLinks by, long epoch) {
    return new PeerOwner(by, loop, B, volume, "n", epoch, epochs, new Trace(7));
  }

  private RoutedReplica routed() {
    return routed(owner(1));
  }

  private RoutedReplica routed(PeerOwner remote) {
    return new RoutedReplica(
        layout,
        new MapSource() {
          @Override
          public PartitionMap current() {
            return map;
          }

          @Override
          public CompletableFuture<PartitionMap> refresh(PartitionMap known) {
            return CompletableFuture.completedFuture(map);
          }
        },
        A,
        new Nowhere(),
        server -> remote,
        loop,
        Duration.ofSeconds(100),
        () -> {});
  }

  /** Server a owns nothing. */
  private static final class Nowhere implements PartitionOwner {

    @Override
    public void submit(BlockRequest request) {
      request.end(IoStatus.MEDIUM_ERROR);
    }

    @Override
    public CompletableFuture<Void> open() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }

  private static final class FakeEpochs implements NexusEpochs {

    private final AtomicInteger asked = new AtomicInteger();
    private volatile long current = 1;
    private volatile boolean isAway;

    @Override
    public CompletableFuture<Long> take(Volume volume, String nexus) {
      throw new UnsupportedOperationException("the tests give epochs");
    }

    @Override
    public CompletableFuture<Boolean> isCurrent(Volume volume, String nexus, long epoch) {
      asked.incrementAndGet();
      return isAway
          ? CompletableFuture.failedFuture(new IllegalStateException("no ZooKeeper"))
          : CompletableFuture.completedFuture(epoch == current);
    }

    @Override
    public void release(Volume volume, String nexus, long epoch) {}
  }
}
