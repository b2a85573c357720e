package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.trace.Trace;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to another server, from its first attempt to its end. Confined to its event loop.
 *
 * <pre>
 *   CONNECTING ──▶ GREETED ──▶ PROVEN ──READY──▶ OPEN ──▶ CLOSED
 *       └──────────────┴──────────┴───────────────────────┘
 * </pre>
 *
 * <p>A peer that owes answers and says nothing for a while is asked whether it is there, and then
 * given up: all that is under way ends with CUT_OFF. So a request that a stopped peer has in its
 * socket can never be followed by a later one of the same nexus over this connection, and over
 * another one the nexus must be opened anew, which waits for the end of what came over this one.
 */
final class PeerConnection {

  private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long TICK_MILLIS = 250;

  private enum State {
    CONNECTING,
    GREETED,
    PROVEN,
    OPEN,
    CLOSED
  }

  /** Receives the answer to one request, or its absence. */
  private interface Pending {

    /** Takes the frame's data. */
    void answered(PeerFrame frame);

    /** The connection was lost with the request under way. */
    void cutOff();

    /** How long the answer's data will be, if all goes well and if that is known. */
    default int answerBytes() {
      return 0;
    }

    /** Where the answer's data go; null for anywhere. */
    default @Nullable ByteBuf destination(int length) {
      return null;
    }
  }

  private final ServerId self;
  private final ServerId peer;
  private final String lane;
  private final Handshake handshake;
  private final PeerLimits limits;
  private final Channel channel;
  private final PeerFrameDecoder decoder;
  private final FrameSender sender;
  private final IntObjectMap<Pending> pending = new IntObjectHashMap<>();
  private final List<Consumer<Boolean>> waiting = new ArrayList<>();

  private State state = State.CONNECTING;
  private Handshake.@Nullable Greeting hello;
  private int lastId;
  private long bytesUnderWay;

  /** What the answers to all that is pending will have, as far as is known. */
  private long owedBytes;

  private long lastHeardNanos = System.nanoTime();
  private boolean isPingUnderWay;
  private @Nullable ScheduledFuture<?> ticks;
  private String reason = "";

  /**
   * @param lane of {@link Lanes}; empty for none
   */
  PeerConnection(
      ServerId self,
      ServerId peer,
      String lane,
      Handshake handshake,
      PeerLimits limits,
      Channel channel) {
    this.self = self;
    this.peer = peer;
    this.lane = lane;
    this.handshake = handshake;
    this.limits = limits;
    this.channel = channel;
    this.decoder = new PeerFrameDecoder(new Answers(), Handshake.MAX_BYTES);
    this.sender = new FrameSender(channel);
    ticks =
        channel
            .eventLoop()
            .schedule(
                this::handshakeTooLong, limits.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  PeerFrameDecoder decoder() {
    return decoder;
  }

  /** The handler behind the decoder. */
  ChannelInboundHandlerAdapter handler() {
    return new Handler();
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  /** Why it failed or was lost. */
  String reason() {
    return reason;
  }

  /** Calls back once it is open (true) or has failed (false), perhaps at once. */
  void whenOpen(Consumer<Boolean> listener) {
    switch (state) {
      case OPEN -> listener.accept(true);
      case CLOSED -> listener.accept(false);
      case CONNECTING, GREETED, PROVEN -> waiting.add(listener);
    }
  }

  /** Ends it, or the attempt at it; what is under way is cut off. */
  void close(String why) {
    if (state == State.CLOSED) {
      return;
    }
    boolean wasOpen = state == State.OPEN;
    state = State.CLOSED;
    reason = why;
    if (ticks != null) {
      ticks.cancel(false);
    }
    // TLS says goodbye first, and what comes meanwhile would go into buffers that are others' by
    // then: whoever is cut off asks again for the same ones.
    decoder.stop();
    channel.close();
    if (wasOpen) {
      LOG.info("connection to {} is lost: {}", peer, why);
    } else {
      LOG.debug("no connection to {}: {}", peer, why);
    }
    List<Consumer<Boolean>> told = List.copyOf(waiting);
    waiting.clear();
    told.forEach(listener -> listener.accept(false));
    List<Pending> cut = new ArrayList<>(pending.values());
    pending.clear();
    bytesUnderWay = 0;
    owedBytes = 0;
    cut.forEach(Pending::cutOff);
  }

  // ---- Requests; only while open.

  /**
   * Opens a nexus; the listener gets its handle, or why not.
   *
   * @param opening grows with each time that this is asked of the peer for the same epoch
   */
  void open(
      VolumeId volume, String nexus, long epoch, int opening, Trace trace, OpenListener listener) {
    byte[] name = nexus.getBytes(StandardCharsets.UTF_8);
    ByteBuf data =
        channel
            .alloc()
            .buffer(16 + name.length)
            .writeLong(volume.value().getMostSignificantBits())
            .writeLong(volume.value().getLeastSignificantBits())
            .writeBytes(name);
    int id =
        enter(
            new Pending() {
              @Override
              public void answered(PeerFrame frame) {
                frame.data().release();
                listener.done(frame.status(), frame.handle());
              }

              @Override
              public void cutOff() {
                listener.done(IoStatus.CUT_OFF, 0);
              }
            });
    sender.send(
        new PeerFrame(PeerFrame.Kind.OPEN, 0, id, 0, epoch, trace.number(), 0, opening, data));
  }

  /** Receives the end of {@link #open}. */
  interface OpenListener {
    void done(IoStatus status, int handle);
  }

  /** The nexus has left. */
  void closeHandle(int handle) {
    if (state == State.OPEN) {
      sender.send(
          new PeerFrame(PeerFrame.Kind.CLOSE, 0, 0, handle, 0, 0, 0, 0, Unpooled.EMPTY_BUFFER));
    }
  }

  /** Sends a block request, or ends it with UNAVAILABLE when too much is under way. */
  void submit(int handle, BlockRequest request) {
    int out = request.bytesOut();
    int cost = Math.max(out, request.length());
    if (pending.size() >= limits.requests() || bytesUnderWay + cost > limits.bytes()) {
      request.end(IoStatus.UNAVAILABLE);
      return;
    }
    bytesUnderWay += cost;
    int id = enter(new Io(request, cost));
    ByteBuf data =
        out == 0 ? Unpooled.EMPTY_BUFFER : request.buffer().retainedSlice(request.index(), out);
    sender.send(
        new PeerFrame(
            PeerFrame.Kind.IO,
            PeerFrame.numberOf(request.operation()),
            id,
            handle,
            request.epoch(),
            request.unit(),
            request.offset(),
            request.length(),
            data));
  }

  /** Sends a call, and takes the reference to the request. */
  void call(String topic, ByteBuf request, CallListener listener) {
    byte[] name = topic.getBytes(StandardCharsets.UTF_8);
    ByteBuf data;
    try {
      data =
          channel
              .alloc()
              .directBuffer(name.length + request.readableBytes())
              .writeBytes(name)
              .writeBytes(request);
    } finally {
      request.release();
    }
    int id =
        enter(
            new Pending() {
              @Override
              public void answered(PeerFrame frame) {
                IoStatus status = frame.status();
                listener.done(status, frame.takeBytes());
              }

              @Override
              public void cutOff() {
                listener.done(IoStatus.CUT_OFF, new byte[0]);
              }
            });
    sender.send(new PeerFrame(PeerFrame.Kind.CALL, 0, id, 0, 0, 0, 0, name.length, data));
  }

  /** Receives the end of {@link #call}. */
  interface CallListener {
    void done(IoStatus status, byte[] answer);
  }

  private int enter(Pending request) {
    do {
      lastId++;
    } while (lastId == 0 || pending.containsKey(lastId));
    if (pending.isEmpty()) {
      lastHeardNanos = System.nanoTime();
    }
    pending.put(lastId, request);
    owedBytes += PeerFrame.HEADER_BYTES + request.answerBytes();
    return lastId;
  }

  /** A block request under way. */
  private final class Io implements Pending {

    private final BlockRequest request;
    private final int cost;

    Io(BlockRequest request, int cost) {
      this.request = request;
      this.cost = cost;
    }

    @Override
    public int answerBytes() {
      return request.operation() == BlockRequest.Operation.READ ? request.length() : 0;
    }

    @Override
    public @Nullable ByteBuf destination(int length) {
      if (length != answerBytes()) {
        return null;
      }
      return request.buffer().retainedSlice(request.index(), length).clear();
    }

    @Override
    public void answered(PeerFrame frame) {
      bytesUnderWay -= cost;
      IoStatus status = frame.status();
      ByteBuf data = frame.data();
      try {
        switch (request.operation()) {
          case READ -> {
            if (status == IoStatus.OK && data.readableBytes() != request.length()) {
              throw new MalformedFrameException(
                  data.readableBytes() + " bytes where " + request.length() + " were asked for");
            }
          }
          case COMPARE_AND_WRITE -> request.setMismatchOffset(frame.offset());
          case ALLOCATION -> request.setAllocated(BitSet.valueOf(data.nioBuffer()));
          default -> {}
        }
      } catch (MalformedFrameException e) {
        // The request is not among the pending any more: nobody else would end it.
        request.end(IoStatus.CUT_OFF);
        throw e;
      } finally {
        data.release();
      }
      request.end(status);
    }

    @Override
    public void cutOff() {
      request.end(IoStatus.CUT_OFF);
    }
  }

  // ---- What comes in.

  /** What the peer owes, and where it goes. */
  private final class Answers implements PeerFrameDecoder.Destination {

    @Override
    public @Nullable ByteBuf forData(PeerFrame header, int length) {
      if (header.kind() != PeerFrame.Kind.ANSWER || header.status() != IoStatus.OK) {
        return null;
      }
      Pending request = pending.get(header.id());
      return request == null ? null : request.destination(length);
    }

    @Override
    public long expectedBytes() {
      return owedBytes;
    }
  }

  private void received(PeerFrame frame) {
    if (frame.kind() == PeerFrame.Kind.REFUSED) {
      close("it refuses: " + new String(frame.takeBytes(), StandardCharsets.UTF_8));
      return;
    }
    switch (state) {
      case GREETED -> welcomed(frame);
      case PROVEN -> ready(frame);
      case OPEN -> answered(frame);
      case CONNECTING, CLOSED -> frame.data().release();
    }
  }

  private void greet() {
    if (state != State.CONNECTING) {
      return;
    }
    byte[] nonce = new byte[Handshake.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    hello = new Handshake.Greeting(PeerFrame.VERSION, self, nonce, lane, new byte[0]);
    state = State.GREETED;
    sender.send(PeerFrame.of(PeerFrame.Kind.HELLO, 0, Unpooled.wrappedBuffer(hello.encode())));
  }

  private void welcomed(PeerFrame frame) {
    byte[] bytes = frame.takeBytes();
    Handshake.Greeting ours = hello;
    if (frame.kind() != PeerFrame.Kind.WELCOME || ours == null) {
      throw new MalformedFrameException(frame.kind() + " where WELCOME was expected");
    }
    Handshake.Greeting theirs = Handshake.Greeting.decode(bytes);
    if (!theirs.server().equals(peer)) {
      close("server " + theirs.server() + " answers at its address");
      return;
    }
    if (!Handshake.matches(handshake.proofOfAccepting(ours, theirs), theirs.proof())) {
      close("it doesn't know the cluster's secret; check cluster.secret-file");
      return;
    }
    state = State.PROVEN;
    sender.send(
        PeerFrame.of(
            PeerFrame.Kind.PROOF,
            0,
            Unpooled.wrappedBuffer(handshake.proofOfConnecting(ours, theirs))));
  }

  private void ready(PeerFrame frame) {
    frame.data().release();
    if (frame.kind() != PeerFrame.Kind.READY) {
      throw new MalformedFrameException(frame.kind() + " where READY was expected");
    }
    state = State.OPEN;
    decoder.setMaxDataBytes(PeerFrame.MAX_DATA_BYTES);
    if (ticks != null) {
      ticks.cancel(false);
    }
    ticks =
        channel
            .eventLoop()
            .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    LOG.debug("connected to {}", peer);
    List<Consumer<Boolean>> told = List.copyOf(waiting);
    waiting.clear();
    told.forEach(listener -> listener.accept(true));
  }

  private void answered(PeerFrame frame) {
    if (frame.kind() != PeerFrame.Kind.ANSWER) {
      frame.data().release();
      throw new MalformedFrameException(frame.kind() + " of a peer that answers");
    }
    if (!frame.hasStatus()) {
      frame.data().release();
      throw new MalformedFrameException("there is no status " + frame.detail());
    }
    Pending request = pending.remove(frame.id());
    if (request == null) {
      // A PING's.
      frame.data().release();
      isPingUnderWay = false;
      return;
    }
    owedBytes -= PeerFrame.HEADER_BYTES + request.answerBytes();
    request.answered(frame);
  }

  private void handshakeTooLong() {
    if (state != State.OPEN) {
      close("no connection within " + limits.connectTimeout().toMillis() + " ms");
    }
  }

  private void tick() {
    long silence = System.nanoTime() - lastHeardNanos;
    if (pending.isEmpty()) {
      isPingUnderWay = false;
      return;
    }
    if (silence > limits.silence().toNanos()) {
      close("it has been silent for " + TimeUnit.NANOSECONDS.toMillis(silence) + " ms");
    } else if (silence > limits.silence().toNanos() / 3) {
      if (!isPingUnderWay) {
        isPingUnderWay = true;
        sender.send(PeerFrame.of(PeerFrame.Kind.PING, 0));
      }
    }
  }

  private final class Handler extends ChannelInboundHandlerAdapter {

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      greet();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      received((PeerFrame) message);
    }

    /** After each read of the socket: a part of long data is a sign of life, too. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      lastHeardNanos = System.nanoTime();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      close("the connection ended");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (PeerSecurity.isRefusal(cause)) {
        close("TLS with it fails (" + cause.getCause() + "); check peer.tls.* on both sides");
      } else if (cause instanceof IOException || cause instanceof MalformedFrameException) {
        close(String.valueOf(cause.getMessage()));
      } else {
        LOG.error("connection to {} is closed after an internal error", peer, cause);
        close(cause.toString());
      }
    }
  }
}
