package io.sandrift.server.scsi.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.copy.DiskDirectory;
import io.sandrift.server.scsi.unit.LoneUnit;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class CopyCommandsTest {

  private static final String COPY_ABORTED = "COPY_ABORTED ";

  private final AtomicReference<TestDisk> second = new AtomicReference<>();
  private final DiskDirectory directory =
      (type, designator) ->
          Optional.ofNullable(second.get())
              .map(disk -> disk.server)
              .filter(server -> server.isDesignatedBy(type, designator))
              .map(server -> (DiskDirectory.CopyDisk) server);
  private final TestDisk disk = new TestDisk(new LoneUnit(), directory);

  CopyCommandsTest() {
    second.set(new TestDisk());
  }

  private static byte[] target(TestDisk of) {
    byte[] identification = of.initiator.send("12 01 83 00 ff 00").data();
    byte[] target = new byte[32];
    target[0] = (byte) 0xe4;
    System.arraycopy(identification, 4, target, 4, 12); // the first designator is the NAA one
    target[30] = 2;
    return target;
  }

  private static byte[] segment(int from, int to, int blocks, long fromLba, long toLba) {
    return ByteBuffer.allocate(28)
        .put((byte) 0x02)
        .put((byte) 0)
        .putShort((short) 24)
        .putShort((short) from)
        .putShort((short) to)
        .putShort((short) 0)
        .putShort((short) blocks)
        .putLong(fromLba)
        .putLong(toLba)
        .array();
  }

  private static byte[] segmentInBytes(int bytes, int fromByte, int toByte) {
    return ByteBuffer.allocate(32)
        .put((byte) 0x0a)
        .put((byte) 0)
        .putShort((short) 28)
        .putInt(0)
        .putInt(bytes)
        .putLong(0)
        .putLong(100)
        .putShort((short) fromByte)
        .putShort((short) toByte)
        .array();
  }

  private byte[] list(int listId, byte[][] targets, byte[]... segments) {
    int targetBytes = Arrays.stream(targets).mapToInt(t -> t.length).sum();
    int segmentBytes = Arrays.stream(segments).mapToInt(s -> s.length).sum();
    ByteBuffer list = ByteBuffer.allocate(16 + targetBytes + segmentBytes);
    list.put((byte) listId).put((byte) 0).putShort((short) targetBytes).putInt(0);
    list.putInt(segmentBytes).putInt(0);
    Arrays.stream(targets).forEach(list::put);
    Arrays.stream(segments).forEach(list::put);
    return list.array();
  }

  private String copy(byte[] list) {
    return disk.initiator
        .send(String.format("83 00 00 00 00 00 00 00 00 00 %08x 00 00", list.length), list)
        .summary();
  }

  private byte[][] both() {
    return new byte[][] {target(disk), target(second.get())};
  }

  private static byte[] random(int blocks) {
    byte[] data = new byte[blocks * 512];
    new Random(3).nextBytes(data);
    return data;
  }

  @Test
  void blocksAreCopiedWithinADisk() {
    byte[] data = random(300);
    disk.initiator.send("2a 00 00 00 00 00 00 01 2c 00", data);
    assertThat(copy(list(1, new byte[][] {target(disk)}, segment(0, 0, 300, 0, 4001))))
        .isEqualTo("GOOD");
    assertThat(disk.initiator.send("28 00 00 00 0f a1 00 01 2c 00").data()).isEqualTo(data);
  }

  @Test
  void blocksAreCopiedToAnotherDisk() {
    byte[] data = random(2000);
    disk.initiator.send("2a 00 00 00 00 07 00 07 d0 00", data);
    assertThat(copy(list(1, both(), segment(0, 1, 2000, 7, 0)))).isEqualTo("GOOD");
    assertThat(second.get().initiator.send("28 00 00 00 00 00 00 07 d0 00").data()).isEqualTo(data);
  }

  @Test
  void whatTakesNoSpaceIsCopiedAsNoSpace() {
    second.get().initiator.send("41 00 00 00 00 00 00 02 00 00", random(1));
    assertThat(copy(list(1, both(), segment(0, 1, 512, 0, 0)))).isEqualTo("GOOD");
    assertThat(second.get().replica.allocatedUnits()).isZero();
  }

  @Test
  void aSegmentInBytesCopiesFromAndToTheMiddleOfBlocks() {
    byte[] data = random(3);
    disk.initiator.send("2a 00 00 00 00 00 00 00 03 00", data);
    assertThat(copy(list(1, new byte[][] {target(disk), target(disk)}, segmentInBytes(700, 5, 9))))
        .isEqualTo("GOOD");
    byte[] copied = disk.initiator.send("28 00 00 00 00 64 00 00 02 00").data();
    assertThat(Arrays.copyOfRange(copied, 9, 709)).isEqualTo(Arrays.copyOfRange(data, 5, 705));
  }

  @Test
  void theStatusIsKeptUnderTheListIdentifier() {
    assertThat(disk.initiator.send("84 00 05 00 00 00 00 00 00 00 00 00 00 40 00 00").summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_CDB");
    copy(list(5, both(), segment(0, 1, 10, 0, 0), segment(0, 1, 10, 0, 10)));
    ByteBuffer status =
        disk.initiator.send("84 00 05 00 00 00 00 00 00 00 00 00 00 40 00 00").fields();
    assertThat(status.get(4)).isEqualTo((byte) 1);
    assertThat(status.getShort(5)).isEqualTo((short) 2);
    assertThat(status.getInt(8)).isEqualTo(20 * 512);
  }

  @Test
  void aSegmentOfADiskThatIsNotListedIsAborted() {
    assertThat(copy(list(1, both(), segment(0, 2, 10, 0, 0))))
        .isEqualTo(COPY_ABORTED + "UNREACHABLE_COPY_TARGET");
  }

  @Test
  void aSegmentBeyondTheLastBlockIsAborted() {
    assertThat(copy(list(1, both(), segment(0, 1, 10, 0, TestDisk.BLOCKS - 1))))
        .startsWith(COPY_ABORTED);
  }

  @Test
  void aDiskOfAnotherSystemCannotBeReached() {
    byte[] stranger = target(new TestDisk());
    assertThat(copy(list(1, new byte[][] {stranger}, segment(0, 0, 10, 0, 100))))
        .isEqualTo(COPY_ABORTED + "COPY_TARGET_DEVICE_NOT_REACHABLE");
  }

  @Test
  void aReservedDestinationIsNotWritten() {
    new Initiator(second.get().server, "holder").send("16 00 00 00 00 00");
    assertThat(copy(list(1, both(), segment(0, 1, 10, 0, 0)))).startsWith(COPY_ABORTED);
  }

  @Test
  void listsBeyondTheLimitsAreRefused() {
    byte[][] targets = new byte[17][];
    Arrays.fill(targets, target(disk));
    assertThat(copy(list(1, targets, segment(0, 0, 1, 0, 1))))
        .isEqualTo("ILLEGAL_REQUEST TOO_MANY_TARGET_DESCRIPTORS");
    byte[][] segments = new byte[65][];
    Arrays.fill(segments, segment(0, 0, 1, 0, 1));
    assertThat(copy(list(1, both(), segments)))
        .isEqualTo("ILLEGAL_REQUEST TOO_MANY_SEGMENT_DESCRIPTORS");
    segments = new byte[160][];
    Arrays.fill(segments, segment(0, 0, 1, 0, 1));
    assertThat(copy(list(1, both(), segments)))
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
  }

  @Test
  void aTruncatedListIsRefused() {
    byte[] list = list(1, both(), segment(0, 1, 10, 0, 0));
    assertThat(copy(Arrays.copyOf(list, list.length - 1)))
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
  }

  @Test
  void otherDescriptorTypesAreRefused() {
    byte[] list = list(1, both(), segment(0, 1, 10, 0, 0));
    list[16] = (byte) 0xe0;
    assertThat(copy(list)).isEqualTo("ILLEGAL_REQUEST UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE");
    list[16] = (byte) 0xe4;
    list[16 + 64] = 0x03;
    assertThat(copy(list)).isEqualTo("ILLEGAL_REQUEST UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE");
  }

  @Test
  void operatingParametersTellTheLimits() {
    ByteBuffer data =
        disk.initiator.send("84 03 00 00 00 00 00 00 00 00 00 00 04 00 00 00").fields();
    assertThat(data.getInt(0)).isEqualTo(data.capacity() - 4);
    assertThat(data.getShort(8)).isEqualTo((short) 16);
    assertThat(data.getShort(10)).isEqualTo((short) 64);
    assertThat(data.get(43)).isEqualTo((byte) 3);
  }
}
