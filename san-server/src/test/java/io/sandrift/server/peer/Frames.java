package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Frames and their bytes, for tests. */
final class Frames {

  private Frames() {}

  /** One frame of each kind, by name; the transcript on file has them in this order. */
  static Map<String, PeerFrame> ofEveryKind() {
    Map<String, PeerFrame> frames = new LinkedHashMap<>();
    frames.put("HELLO", PeerFrame.of(PeerFrame.Kind.HELLO, 0, text("{\"version\":1}")));
    frames.put("WELCOME", PeerFrame.of(PeerFrame.Kind.WELCOME, 0, text("{\"version\":1}")));
    frames.put("PROOF", PeerFrame.of(PeerFrame.Kind.PROOF, 0, text("0123456789abcdef")));
    frames.put("READY", PeerFrame.of(PeerFrame.Kind.READY, 0));
    frames.put(
        "OPEN",
        new PeerFrame(PeerFrame.Kind.OPEN, 0, 1, 0, 0x1_0000_0007L, 0, 0, 0, text("volume, name")));
    frames.put(
        "CLOSE", new PeerFrame(PeerFrame.Kind.CLOSE, 0, 0, 3, 0, 0, 0, 0, Unpooled.EMPTY_BUFFER));
    for (Operation operation : Operation.values()) {
      frames.put(
          "IO-" + operation,
          new PeerFrame(
              PeerFrame.Kind.IO,
              PeerFrame.numberOf(operation),
              0x01020304,
              3,
              2,
              0x0506,
              4096,
              8,
              operation == Operation.WRITE ? text("12345678") : Unpooled.EMPTY_BUFFER));
    }
    frames.put(
        "CALL", new PeerFrame(PeerFrame.Kind.CALL, 0, 9, 0, 0, 0, 0, 5, text("topicrequest")));
    frames.put("PING", PeerFrame.of(PeerFrame.Kind.PING, 0));
    for (IoStatus status : IoStatus.values()) {
      frames.put(
          "ANSWER-" + status,
          new PeerFrame(
              PeerFrame.Kind.ANSWER,
              PeerFrame.numberOf(status),
              -1,
              0,
              0,
              0,
              17,
              0,
              status == IoStatus.OK ? text("123456789") : Unpooled.EMPTY_BUFFER));
    }
    frames.put("REFUSED", PeerFrame.of(PeerFrame.Kind.REFUSED, 0, text("no")));
    return frames;
  }

  /** How much the channel's socket would be given room for now. */
  static int roomToReceive(EmbeddedChannel channel) {
    ByteBuf room = channel.config().getRecvByteBufAllocator().newHandle().allocate(channel.alloc());
    try {
      return room.writableBytes();
    } finally {
      room.release();
    }
  }

  /** What goes over the wire. */
  static byte[] bytesOf(Iterable<PeerFrame> frames) {
    EmbeddedChannel channel = new EmbeddedChannel();
    FrameSender sender = new FrameSender(channel);
    frames.forEach(sender::send);
    channel.runPendingTasks();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      byte[] part = new byte[out.readableBytes()];
      out.readBytes(part);
      bytes.writeBytes(part);
      out.release();
    }
    channel.finishAndReleaseAll();
    return bytes.toByteArray();
  }

  /** Has the frame come in over the channel, whole. */
  static void deliver(EmbeddedChannel channel, PeerFrame frame) {
    channel.writeInbound(Unpooled.copiedBuffer(bytesOf(List.of(frame))));
    channel.runPendingTasks();
  }

  /** What has been sent over the channel since this was last asked; the caller lets the data go. */
  static List<PeerFrame> sentBy(EmbeddedChannel channel) {
    channel.runPendingTasks();
    EmbeddedChannel peer =
        new EmbeddedChannel(
            new PeerFrameDecoder((header, length) -> null, PeerFrame.MAX_DATA_BYTES));
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      peer.writeInbound(out);
    }
    List<PeerFrame> frames = new ArrayList<>();
    for (PeerFrame frame = peer.readInbound(); frame != null; frame = peer.readInbound()) {
      frames.add(frame);
    }
    peer.finishAndReleaseAll();
    return frames;
  }

  static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** A frame as one string, its data in hexadecimal; lets the data go. */
  static String describe(PeerFrame frame) {
    String data = ByteBufUtil.hexDump(frame.data());
    frame.data().release();
    return frame + " epoch " + frame.epoch() + " data " + data;
  }
}
