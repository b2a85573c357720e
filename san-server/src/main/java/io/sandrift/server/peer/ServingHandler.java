package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.NexusGate;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.trace.Trace;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One connection from another server. Confined to its event loop, which is the one of the
 * {@linkplain Lanes lane} that the peer names, from READY on; requests end on any thread and come
 * back to it.
 *
 * <pre>
 *   GREETING ──HELLO──▶ PROVING ──PROOF──▶ JOINING ──▶ SERVING ──▶ CLOSED
 * </pre>
 */
final class ServingHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ServingHandler.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** With more received data waiting for the store, or more answers for the peer, reading stops. */
  private static final long MAX_HELD_BYTES = 32L << 20;

  /** Nexuses open over one connection. */
  private static final int MAX_HANDLES = 1 << 16;

  private static final int MAX_NEXUS_BYTES = 512;
  private static final int MAX_UNIT_BYTES = 16 << 20;

  private enum State {
    GREETING,
    PROVING,
    JOINING,
    SERVING,
    CLOSED
  }

  /** A nexus that is open over this connection. */
  private record Opened(OwnedVolume volume, NexusGate gate) {}

  private final PeerServer server;
  private final Handshake handshake;
  private final PeerFrameDecoder decoder;
  private final PeerLimits limits;
  private final IntObjectMap<Opened> handles = new IntObjectHashMap<>();

  private State state = State.GREETING;
  private Handshake.@Nullable Greeting hello;
  private Handshake.@Nullable Greeting welcome;
  private @Nullable ServerId peer;
  private @Nullable FrameSender sender;
  private @Nullable ScheduledFuture<?> timer;
  private int lastHandle;
  private long heldBytes;

  ServingHandler(
      PeerServer server, Handshake handshake, PeerFrameDecoder decoder, PeerLimits limits) {
    this.server = server;
    this.handshake = handshake;
    this.decoder = decoder;
    this.limits = limits;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    sender = new FrameSender(ctx.channel());
    timer =
        ctx.executor()
            .schedule(
                () -> {
                  if (state != State.SERVING) {
                    ctx.close();
                  }
                },
                limits.connectTimeout().toMillis() * 2,
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    PeerFrame frame = (PeerFrame) message;
    switch (state) {
      case GREETING -> greet(ctx, frame);
      case PROVING -> prove(ctx, frame);
      case JOINING -> {
        frame.data().release();
        throw new MalformedFrameException(frame.kind() + " before READY");
      }
      case SERVING -> serve(ctx.channel(), frame);
      case CLOSED -> frame.data().release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    updateReading(ctx.channel());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    state = State.CLOSED;
    if (timer != null) {
      timer.cancel(false);
    }
    for (Opened opened : handles.values()) {
      opened.volume.close(opened.gate);
    }
    handles.clear();
    if (peer != null) {
      LOG.debug("connection of {} has ended", peer);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (PeerSecurity.isRefusal(cause)) {
      LOG.warn(
          "connection from {} is closed: TLS fails ({}); check peer.tls.* on both sides",
          ctx.channel().remoteAddress(),
          String.valueOf(cause.getCause()));
    } else if (cause instanceof MalformedFrameException || cause instanceof IOException) {
      LOG.warn(
          "connection from {} ({}) is closed: {}",
          ctx.channel().remoteAddress(),
          peer == null ? "not proven" : peer,
          cause.getMessage());
    } else {
      LOG.error("connection of {} is closed after an internal error", peer, cause);
    }
    // What else was received together with it is not looked at any more.
    state = State.CLOSED;
    ctx.close();
  }

  // ---- The handshake.

  private void greet(ChannelHandlerContext ctx, PeerFrame frame) {
    byte[] bytes = frame.takeBytes();
    if (frame.kind() != PeerFrame.Kind.HELLO) {
      throw new MalformedFrameException(frame.kind() + " before HELLO");
    }
    Handshake.Greeting greeting = Handshake.Greeting.decode(bytes);
    if (greeting.version() != PeerFrame.VERSION) {
      refuse(
          ctx,
          "server "
              + server.self()
              + " speaks version "
              + PeerFrame.VERSION
              + " of the peer protocol, not "
              + greeting.version()
              + "; run versions that are one step apart at most");
      return;
    }
    byte[] nonce = new byte[Handshake.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    Handshake.Greeting unproven =
        new Handshake.Greeting(PeerFrame.VERSION, server.self(), nonce, "", new byte[0]);
    hello = greeting;
    welcome =
        new Handshake.Greeting(
            PeerFrame.VERSION,
            server.self(),
            nonce,
            "",
            handshake.proofOfAccepting(greeting, unproven));
    state = State.PROVING;
    send(PeerFrame.of(PeerFrame.Kind.WELCOME, 0, Unpooled.wrappedBuffer(welcome.encode())));
  }

  private void prove(ChannelHandlerContext ctx, PeerFrame frame) {
    byte[] proof = frame.takeBytes();
    Handshake.Greeting theirs = hello;
    Handshake.Greeting ours = welcome;
    if (frame.kind() != PeerFrame.Kind.PROOF || theirs == null || ours == null) {
      throw new MalformedFrameException(frame.kind() + " before PROOF");
    }
    if (!Handshake.matches(handshake.proofOfConnecting(theirs, ours), proof)) {
      refuse(ctx, "the cluster's secret is another one here; check cluster.secret-file");
      return;
    }
    peer = theirs.server();
    state = State.JOINING;
    EventLoop lane = server.lanes().find(theirs.lane());
    if (lane == null) {
      ready();
    } else {
      join(ctx.channel(), lane);
    }
  }

  /**
   * Goes on at another event loop. The peer waits until it is told that this side is ready, so
   * nothing of it is being decoded meanwhile.
   */
  private void join(Channel channel, EventLoop lane) {
    if (timer != null) {
      timer.cancel(false);
    }
    channel
        .deregister()
        .addListener(
            left ->
                lane.register(channel)
                    .addListener(
                        joined -> {
                          if (!joined.isSuccess()) {
                            channel.close();
                          } else if (state == State.JOINING) {
                            ready();
                          }
                        }));
  }

  private void ready() {
    state = State.SERVING;
    decoder.setMaxDataBytes(PeerFrame.MAX_DATA_BYTES);
    send(PeerFrame.of(PeerFrame.Kind.READY, 0));
  }

  private void refuse(ChannelHandlerContext ctx, String reason) {
    LOG.warn("connection from {} is refused: {}", ctx.channel().remoteAddress(), reason);
    state = State.CLOSED;
    send(
        PeerFrame.of(
            PeerFrame.Kind.REFUSED, 0, Unpooled.copiedBuffer(reason, StandardCharsets.UTF_8)));
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  // ---- Requests.

  private void serve(Channel channel, PeerFrame frame) {
    switch (frame.kind()) {
      case IO -> io(channel, frame);
      case OPEN -> open(channel, frame);
      case CLOSE -> {
        frame.data().release();
        Opened opened = handles.remove(frame.handle());
        if (opened != null) {
          opened.volume.close(opened.gate);
        }
      }
      case CALL -> call(channel, frame);
      case PING -> {
        frame.data().release();
        answer(frame.id(), IoStatus.OK, 0, 0, Unpooled.EMPTY_BUFFER);
      }
      case HELLO, WELCOME, PROOF, READY, ANSWER, REFUSED -> {
        frame.data().release();
        throw new MalformedFrameException(frame.kind() + " of a peer that asks");
      }
    }
  }

  private void open(Channel channel, PeerFrame frame) {
    ByteBuf data = frame.data();
    VolumeId id;
    String nexus;
    try {
      if (data.readableBytes() < 17 || data.readableBytes() > 16 + MAX_NEXUS_BYTES) {
        throw new MalformedFrameException("OPEN with " + data.readableBytes() + " bytes");
      }
      id = new VolumeId(new UUID(data.readLong(), data.readLong()));
      nexus = data.toString(StandardCharsets.UTF_8);
    } finally {
      data.release();
    }
    OwnedVolume volume = server.volume(id);
    if (volume == null || handles.size() >= MAX_HANDLES) {
      // It starts, or has not heard of the volume yet.
      answer(frame.id(), IoStatus.UNAVAILABLE, 0, 0, Unpooled.EMPTY_BUFFER);
      return;
    }
    volume.open(
        nexus,
        frame.epoch(),
        frame.length(),
        null,
        gate ->
            onLoop(
                channel,
                () -> {
                  LoggingEventBuilder line = openingLine(frame);
                  if (gate == null) {
                    line.log("{} of volume {} was overtaken by a newer login", nexus, id);
                    answer(frame.id(), IoStatus.FENCED, 0, 0, Unpooled.EMPTY_BUFFER);
                  } else if (state == State.CLOSED) {
                    volume.close(gate);
                  } else {
                    line.log(
                        "{} of volume {} is open here for {}, epoch {}; older ones are fenced",
                        nexus,
                        id,
                        peer,
                        gate.epoch());
                    lastHandle++;
                    handles.put(lastHandle, new Opened(volume, gate));
                    answer(frame.id(), IoStatus.OK, lastHandle, 0, Unpooled.EMPTY_BUFFER);
                  }
                }));
  }

  /** What opens for a client's login is worth a line; a server's own ways aren't. */
  private static LoggingEventBuilder openingLine(PeerFrame open) {
    Trace trace = new Trace(open.unit());
    return trace.isNone() ? LOG.atDebug() : trace.on(LOG.atInfo());
  }

  private void io(Channel channel, PeerFrame frame) {
    BlockRequest.Operation operation;
    Opened opened = handles.get(frame.handle());
    ByteBuf buffer = frame.data();
    try {
      operation = frame.operation();
      requireSane(frame, operation);
    } catch (MalformedFrameException e) {
      buffer.release();
      throw e;
    }
    if (opened == null) {
      buffer.release();
      answer(frame.id(), IoStatus.FENCED, 0, 0, Unpooled.EMPTY_BUFFER);
      return;
    }
    if (!opened.volume.allows(operation, frame.offset(), frame.length())) {
      buffer.release();
      throw new MalformedFrameException("a request beyond its unit: " + frame);
    }
    if (operation == BlockRequest.Operation.READ) {
      int size = PeerFrame.HEADER_BYTES + frame.length();
      buffer = channel.alloc().directBuffer(size, size).setIndex(PeerFrame.HEADER_BYTES, size);
    }
    heldBytes += buffer.capacity();
    updateReading(channel);
    Served request = new Served(channel, frame.id(), operation, frame, buffer);
    request.setEpoch(frame.epoch());
    opened.volume.submit(opened.gate, request);
  }

  private static void requireSane(PeerFrame frame, BlockRequest.Operation operation) {
    int length = frame.length();
    boolean isSane =
        switch (operation) {
          case FLUSH -> true;
          case ALLOCATION ->
              frame.unit() >= 0
                  && frame.unit() <= Integer.MAX_VALUE
                  && length > 0
                  && length <= PartitionReplica.MAX_ALLOCATION_UNITS;
          default ->
              frame.unit() >= 0
                  && frame.unit() <= Integer.MAX_VALUE
                  && frame.offset() >= 0
                  && length > 0
                  && (long) frame.offset() + length <= MAX_UNIT_BYTES;
        };
    int expected =
        switch (operation) {
          case WRITE, WRITE_ATOMIC, OR -> length;
          case COMPARE_AND_WRITE -> 2 * length;
          case READ, ZERO, FLUSH, ALLOCATION -> 0;
        };
    if (!isSane || frame.data().readableBytes() != expected) {
      throw new MalformedFrameException("an impossible request: " + frame);
    }
  }

  /** A peer's request at the store. */
  private final class Served extends BlockRequest {

    private final Channel channel;
    private final int id;

    Served(Channel channel, int id, Operation operation, PeerFrame frame, ByteBuf buffer) {
      super(operation, frame.unit(), frame.offset(), buffer, buffer.readerIndex(), frame.length());
      this.channel = channel;
      this.id = id;
    }

    @Override
    public void end(IoStatus status) {
      if (channel.eventLoop().inEventLoop()) {
        ended(status);
      } else {
        onLoop(channel, () -> ended(status));
      }
    }

    private void ended(IoStatus status) {
      heldBytes -= buffer().capacity();
      boolean hasRead = operation() == Operation.READ && status == IoStatus.OK;
      ByteBuf data = Unpooled.EMPTY_BUFFER;
      if (hasRead) {
        data = buffer();
      } else {
        buffer().release();
        if (operation() == Operation.ALLOCATION && status == IoStatus.OK) {
          data = Unpooled.wrappedBuffer(allocated().toByteArray());
        }
      }
      if (state == State.CLOSED || sender == null) {
        data.release();
        return;
      }
      PeerFrame answer = answerOf(id, status, 0, mismatchOffset(), data);
      if (hasRead) {
        sender.sendInPlace(answer);
      } else {
        sender.send(answer);
      }
      updateReading(channel);
    }
  }

  private void call(Channel channel, PeerFrame frame) {
    ByteBuf request = frame.data();
    int topicLength = frame.length();
    ServerId from = peer;
    if (from == null || topicLength < 1 || topicLength > request.readableBytes()) {
      request.release();
      throw new MalformedFrameException("a call without a topic");
    }
    String topic = request.readCharSequence(topicLength, StandardCharsets.UTF_8).toString();
    PeerCalls.BufferHandler handler = server.handler(topic);
    if (handler == null) {
      request.release();
      answer(frame.id(), IoStatus.UNAVAILABLE, 0, 0, Unpooled.EMPTY_BUFFER);
      return;
    }
    CallLinks.handle(handler, from, request)
        .whenComplete(
            (response, failure) ->
                onLoop(
                    channel,
                    () -> {
                      if (state == State.CLOSED) {
                        return;
                      }
                      if (failure == null) {
                        answer(frame.id(), IoStatus.OK, 0, 0, Unpooled.wrappedBuffer(response));
                      } else {
                        answer(
                            frame.id(),
                            IoStatus.MISCOMPARE,
                            0,
                            0,
                            Unpooled.copiedBuffer(
                                CallLinks.sentence(failure), StandardCharsets.UTF_8));
                      }
                    }));
  }

  // ---- Answers.

  private void answer(int id, IoStatus status, int handle, int offset, ByteBuf data) {
    send(answerOf(id, status, handle, offset, data));
  }

  private static PeerFrame answerOf(int id, IoStatus status, int handle, int offset, ByteBuf data) {
    return new PeerFrame(
        PeerFrame.Kind.ANSWER, PeerFrame.numberOf(status), id, handle, 0, 0, offset, 0, data);
  }

  private void send(PeerFrame frame) {
    if (sender == null) {
      frame.data().release();
    } else {
      sender.send(frame);
    }
  }

  private void updateReading(Channel channel) {
    boolean reads = heldBytes < MAX_HELD_BYTES && channel.isWritable();
    if (channel.config().isAutoRead() != reads) {
      channel.config().setAutoRead(reads);
    }
  }

  private static void onLoop(Channel channel, Runnable work) {
    try {
      channel.eventLoop().execute(work);
    } catch (RejectedExecutionException e) {
      LOG.debug("the server has stopped; an answer to {} is dropped", channel.remoteAddress());
    }
  }
}
