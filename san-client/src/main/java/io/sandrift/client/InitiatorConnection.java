package io.sandrift.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.codec.PduFault;
import io.sandrift.iscsi.codec.PduReceiveAllocator;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.text.SessionParameters;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of an initiator's session: PDUs out and in. What is sent in answer to what was
 * received goes out when all that had arrived is dealt with, and what is sent otherwise at the end
 * of the event loop's turn: one system call for many PDUs. Confined to its event loop.
 */
final class InitiatorConnection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(InitiatorConnection.class);

  private static final int LOGIN_SEGMENT_BYTES = 8192;
  private static final int RECEIVE_BYTES = 64 * 1024;

  /** Whom the connection tells what happens to it. */
  interface Listener {

    void connected(InitiatorConnection connection);

    /**
     * @param pdu released afterwards
     */
    void received(InitiatorConnection connection, Pdu pdu);

    /** What the target sent is no PDU, or is damaged; the connection is of no more use. */
    void unreadable(InitiatorConnection connection, PduFault fault);

    void lost(InitiatorConnection connection);
  }

  private final Channel channel;
  private final Listener listener;
  private final PduDecoder decoder = new PduDecoder(PduDecoder.Sender.TARGET, LOGIN_SEGMENT_BYTES);
  private final PduEncoder encoder = new PduEncoder();
  private long lastHeardNanos = System.nanoTime();
  private boolean isTurn;
  private boolean isFlushScheduled;

  private InitiatorConnection(Channel channel, Listener listener) {
    this.channel = channel;
    this.listener = listener;
  }

  /** Makes a channel that is about to connect a connection of the login phase. */
  static void install(SocketChannel channel, Listener listener) {
    InitiatorConnection connection = new InitiatorConnection(channel, listener);
    channel
        .config()
        .setRecvByteBufAllocator(new PduReceiveAllocator(connection.decoder, RECEIVE_BYTES));
    channel.pipeline().addLast(connection.decoder, connection);
  }

  /** The login is done: from now on, digests and lengths are as they were agreed. */
  void use(SessionParameters parameters) {
    Digests digests = new Digests(parameters.headerDigest(), parameters.dataDigest());
    encoder.setDigests(digests);
    decoder.setDigests(digests);
    decoder.setMaxDataSegmentLength(parameters.maxRecvDataSegmentLength());
    lastHeardNanos = System.nanoTime();
  }

  /** Sends a PDU, and releases it. */
  void send(InitiatorPdu pdu) {
    ByteBuf out = channel.alloc().directBuffer(encoder.sizeOf(pdu.data().readableBytes()));
    encoder.encode(out, pdu);
    pdu.release();
    channel.write(out, channel.voidPromise());
    if (!isTurn && !isFlushScheduled) {
      isFlushScheduled = true;
      channel.eventLoop().execute(this::flush);
    }
  }

  /** Sends now what {@link #send} has gathered. */
  void flush() {
    isFlushScheduled = false;
    channel.flush();
  }

  /** When the target was heard of last, in {@link System#nanoTime}'s terms. */
  long lastHeardNanos() {
    return lastHeardNanos;
  }

  void close() {
    channel.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    listener.connected(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    isTurn = true;
    if (message instanceof Pdu pdu) {
      try {
        listener.received(this, pdu);
      } finally {
        pdu.release();
      }
    } else if (message instanceof PduFault fault) {
      listener.unreadable(this, fault);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    lastHeardNanos = System.nanoTime();
    isTurn = false;
    flush();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    listener.lost(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.warn(
          "connection to {} is closed after an internal error", channel.remoteAddress(), cause);
    }
    ctx.close();
  }
}
