package io.sandrift.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.pdu.DataIn;
import io.sandrift.iscsi.pdu.Residual;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TransmitterTest {

  private static final int LENGTH = 4096;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Transmitter transmitter;

  TransmitterTest() {
    channel.config().setAllocator(allocator);
    transmitter = new Transmitter(channel, Digests.NONE);
  }

  @AfterEach
  void nothingIsLeftBehind() {
    transmitter.close();
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void dataThatComeLateLeaveInTheOrderInWhichTheyCome() {
    Room first = detached();
    Room second = detached();
    Room third = detached();
    third.arrives(3);
    first.arrives(1);
    second.arrives(2);
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(3, 1, 2));
  }

  @Test
  void shortDataThatComeLateShareOneBuffersMemory() {
    Room[] rooms = new Room[10];
    Arrays.setAll(rooms, i -> detached());
    assertThat(allocator.metric().usedDirectMemory()).isEqualTo(64 * 1024);
    for (int i = 0; i < rooms.length; i++) {
      rooms[i].arrives(i);
    }
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }

  @Test
  void whatWasReadAtOnceBeforeARoomThatWaitsGoesFirstAndWhatComesBehindItToo() {
    committed(1);
    Room late = detached();
    committed(2);
    late.arrives(3);
    committed(4);
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(1, 2, 3, 4));
  }

  @Test
  void aConnectionThatIsIdleHoldsNoBuffer() {
    Room late = detached();
    transmitter.flush();
    late.arrives(1);
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(1));
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void aRoomThatNobodyUsedMakesWayForALongerOne() {
    transmitter.room(LENGTH);
    transmitter.room(256 * 1024);
    transmitter.room(LENGTH);
    committed(5);
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(5));
  }

  @Test
  void aRoomThatIsGivenUpTakesNothingAlongOfItsNeighbours() {
    Room first = detached();
    Room second = detached();
    first.buffer.release();
    second.arrives(2);
    transmitter.flush();
    assertThat(sent()).isEqualTo(pdus(2));
  }

  private record Room(Transmitter transmitter, ByteBuf buffer, int start) {
    void arrives(int value) {
      fill(buffer, start + transmitter.headerSize(), value);
      transmitter.sendDetached(buffer, start, pdu(value), LENGTH);
    }
  }

  private Room detached() {
    ByteBuf room = transmitter.room(LENGTH);
    int start = room.writerIndex();
    transmitter.detach(LENGTH);
    return new Room(transmitter, room, start);
  }

  private void committed(int value) {
    ByteBuf room = transmitter.room(LENGTH);
    fill(room, room.writerIndex() + transmitter.headerSize(), value);
    transmitter.commit(pdu(value), LENGTH);
  }

  private static void fill(ByteBuf buffer, int index, int value) {
    byte[] data = new byte[LENGTH];
    Arrays.fill(data, (byte) value);
    buffer.setBytes(index, data);
  }

  private static DataIn pdu(int number) {
    return new DataIn(
        true, true, 0, 0, number, -1, 1, 2, 3, 0, 0, Residual.NONE, Unpooled.EMPTY_BUFFER);
  }

  private static String pdus(int... values) {
    PduEncoder encoder = new PduEncoder();
    ByteBuf out = Unpooled.buffer();
    for (int value : values) {
      int data = encoder.begin(out.ensureWritable(encoder.sizeOf(LENGTH)), pdu(value), LENGTH);
      fill(out, data, value);
      encoder.end(out, data, LENGTH);
    }
    return ByteBufUtil.hexDump(out);
  }

  private String sent() {
    channel.runPendingTasks();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      bytes.writeBytes(ByteBufUtil.getBytes(out));
      out.release();
    }
    return ByteBufUtil.hexDump(bytes.toByteArray());
  }
}
