package io.sandrift.server.scsi.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.block.IoStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("S11")
class BlockCommandsTest {

  private static final String READ_10_OF_300 = "28 00 00 00 00 00 00 01 2c 00";
  private static final String WRITE_10_OF_300 = "2a 00 00 00 00 00 00 01 2c 00";
  private static final String LBA_OUT_OF_RANGE =
      "ILLEGAL_REQUEST LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE";
  private static final String INVALID_FIELD = "ILLEGAL_REQUEST INVALID_FIELD_IN_CDB";

  private final TestDisk disk = new TestDisk();
  private final Initiator initiator = disk.initiator;

  private static byte[] random(int blocks) {
    byte[] data = new byte[blocks * TestDisk.BLOCK];
    new Random(7).nextBytes(data);
    return data;
  }

  private static byte[] filled(int blocks, int value) {
    byte[] data = new byte[blocks * TestDisk.BLOCK];
    Arrays.fill(data, (byte) value);
    return data;
  }

  private byte[] readBlocks(int lba, int blocks) {
    String cdb = String.format("28 00 %08x 00 %04x 00", lba, blocks);
    return initiator.send(cdb).data();
  }

  @Test
  void whatIsWrittenIsReadBackAcrossStripeUnits() {
    byte[] data = random(300);
    assertThat(initiator.send(WRITE_10_OF_300, data).summary()).isEqualTo("GOOD");
    assertThat(initiator.send(READ_10_OF_300).data()).isEqualTo(data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0a 00 00 05 03 00",
        "2a 00 00 00 00 05 00 00 03 00",
        "aa 00 00 00 00 05 00 00 00 03 00 00",
        "8a 00 00 00 00 00 00 00 00 05 00 00 00 03 00 00",
        "9c 00 00 00 00 00 00 00 00 05 00 00 00 03 00 00",
        "2e 02 00 00 00 05 00 00 03 00",
        "ae 02 00 00 00 05 00 00 00 03 00 00",
        "8e 02 00 00 00 00 00 00 00 05 00 00 00 03 00 00",
        "8b 00 00 00 00 00 00 00 00 05 00 00 00 03 00 00"
      })
  void everyKindOfWriteWritesItsBlocks(String cdb) {
    byte[] data = random(3);
    assertThat(initiator.send(cdb, data).summary()).isEqualTo("GOOD");
    assertThat(readBlocks(5, 3)).isEqualTo(data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08 00 00 05 03 00",
        "28 00 00 00 00 05 00 00 03 00",
        "a8 00 00 00 00 05 00 00 00 03 00 00",
        "88 00 00 00 00 00 00 00 00 05 00 00 00 03 00 00"
      })
  void everyKindOfReadReadsItsBlocks(String cdb) {
    byte[] data = random(3);
    initiator.send("2a 00 00 00 00 05 00 00 03 00", data);
    assertThat(initiator.send(cdb).data()).isEqualTo(data);
  }

  @Test
  void aSixByteReadOfZeroBlocksReads256() {
    assertThat(initiator.send("08 00 00 00 00 00").data()).hasSize(256 * TestDisk.BLOCK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "28 00 00 00 20 00 00 00 01 00", // one block after the last
        "28 00 00 00 1f ff 00 00 02 00", // the last, and one after it
        "28 00 00 00 20 01 00 00 00 00", // none, but beyond
        "88 00 80 00 00 00 00 00 00 00 00 00 00 01 00 00",
        "88 00 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
        "35 00 00 00 20 01 00 00 00 00",
        "34 00 00 00 1f ff 00 00 02 00",
        "9e 12 00 00 00 00 00 00 20 00 00 00 00 20 00 00"
      })
  void whatLiesBeyondTheLastBlockIsRefused(String cdb) {
    assertThat(initiator.send(cdb).summary()).isEqualTo(LBA_OUT_OF_RANGE);
  }

  @Test
  void anEmptyReadMayBeginWhereTheLastBlockEnds() {
    assertThat(initiator.send("28 00 00 00 20 00 00 00 00 00").summary()).isEqualTo("GOOD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "28 20 00 00 00 00 00 00 01 00",
        "2a e0 00 00 00 00 00 00 01 00",
        "2f 20 00 00 00 00 00 00 01 00",
        "41 10 00 00 00 00 00 00 01 00", // ANCHOR
        "9c 00 00 00 00 00 00 00 00 00 00 01 00 01 00 00", // an atomic boundary
        "28 00 00 00 00 00 00 00 01 04", // NACA
        "1b 00 00 00 02 00" // eject
      })
  void whatTheDiskDoesNotOfferIsAnInvalidField(String cdb) {
    assertThat(initiator.send(cdb).summary()).isEqualTo(INVALID_FIELD);
  }

  @Test
  void aReadLongerThanTheMaximumIsRefused() {
    TestDisk large = new TestDisk();
    large.device.grow(1L << 30);
    assertThat(large.initiator.send("88 00 00 00 00 00 00 00 00 00 00 01 00 01 00 00").summary())
        .isEqualTo(INVALID_FIELD);
  }

  @Test
  void fuaMakesAWriteDurableBeforeItIsAnswered() {
    initiator.send("2a 08 00 00 00 00 00 00 01 00", random(1));
    assertThat(disk.replica.flushes()).isEqualTo(1);
  }

  @Test
  void anOrdinaryWriteIsNotFlushed() {
    initiator.send("2a 00 00 00 00 00 00 00 01 00", random(1));
    assertThat(disk.replica.flushes()).isZero();
  }

  @Test
  void withoutTheWriteCacheEveryWriteIsFlushed() {
    byte[] page = new byte[24];
    page[4] = 0x08;
    page[5] = 18;
    assertThat(initiator.send("15 10 00 00 18 00", page).summary()).isEqualTo("GOOD");
    initiator.send("2a 00 00 00 00 00 00 00 01 00", random(1));
    assertThat(disk.replica.flushes()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"35", "91"})
  void synchronizeCacheFlushes(String code) {
    assertThat(initiator.send(code + " 00".repeat(15)).summary()).isEqualTo("GOOD");
    assertThat(disk.replica.flushes()).isEqualTo(1);
  }

  @Test
  void fewerBlocksThanAnnouncedAreWrittenAsFarAsTheyGo() {
    initiator.send("2a 00 00 00 00 00 00 00 02 00", filled(2, 'a'));
    initiator.send("2a 00 00 00 00 00 00 00 02 00", filled(1, 'b'));
    assertThat(readBlocks(0, 1)).isEqualTo(filled(1, 'b'));
    assertThat(readBlocks(1, 1)).isEqualTo(filled(1, 'a'));
  }

  @Test
  void whatIsNotSentOfABlockStaysAsItWas() {
    initiator.send("2a 00 00 00 00 00 00 00 01 00", filled(1, 'a'));
    initiator.send("2a 00 00 00 00 00 00 00 01 00", Arrays.copyOf(filled(1, 'b'), 200));
    byte[] expected = filled(1, 'a');
    Arrays.fill(expected, 0, 200, (byte) 'b');
    assertThat(readBlocks(0, 1)).isEqualTo(expected);
  }

  @Test
  void anAtomicWriteOfLessThanItsBlocksIsRefused() {
    assertThat(
            initiator
                .send("9c 00 00 00 00 00 00 00 00 00 00 00 00 02 00 00", filled(1, 'b'))
                .summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT");
  }

  @Test
  void compareAndWriteWritesWhenAllIsEqual() {
    byte[] data = ByteBuffer.allocate(1024).put(new byte[512]).put(filled(1, 'n')).array();
    String cdb = "89 00 00 00 00 00 00 00 00 03 00 00 00 01 00 00";
    assertThat(initiator.send(cdb, data).summary()).isEqualTo("GOOD");
    assertThat(readBlocks(3, 1)).isEqualTo(filled(1, 'n'));
  }

  @Test
  void compareAndWriteTellsWhereTheBytesDiffer() {
    byte[] data = new byte[1024];
    data[300] = 1;
    Reply reply = initiator.send("89 00 00 00 00 00 00 00 00 03 00 00 00 01 00 00", data);
    assertThat(reply.summary()).isEqualTo("MISCOMPARE MISCOMPARE_DURING_VERIFY_OPERATION");
    assertThat(ByteBuffer.wrap(reply.response().sense()).getInt(3)).isEqualTo(300);
    assertThat(reply.response().sense()[0]).isEqualTo((byte) 0xf0);
  }

  @Test
  void compareAndWriteOfMoreThanItsMaximumIsRefused() {
    Reply reply =
        initiator.send("89 00 00 00 00 00 00 00 00 00 00 00 00 81 00 00", new byte[258 * 512]);
    assertThat(reply.summary()).isEqualTo(INVALID_FIELD);
  }

  // The last block of the first stripe unit, and the first of the second.
  @ParameterizedTest
  @CsvSource({
    "89 00 00 00 00 00 00 00 00 7f 00 00 00 02 00 00, 4",
    "9c 00 00 00 00 00 00 00 00 7f 00 00 00 02 00 00, 2"
  })
  void whatIsAtomicAtOneServerDoesNotCrossAStripeUnit(String cdb, int blocks) {
    assertThat(initiator.send(cdb, new byte[blocks * 512]).summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_CDB");
  }

  @Test
  void orWriteAcrossAStripeUnitIsDoneInBoth() {
    byte[] ones = filled(2, (char) 0x0f);
    String or = "8b 00 00 00 00 00 00 00 00 7f 00 00 00 02 00 00";
    assertThat(initiator.send(or, ones).summary()).isEqualTo("GOOD");
    assertThat(initiator.send("28 00 00 00 00 7f 00 00 02 00").data()).isEqualTo(ones);
  }

  @Test
  void compareAndWriteWithOtherDataThanItsBlocksIsRefused() {
    Reply reply =
        initiator.send("89 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", new byte[512 * 512]);
    assertThat(reply.summary()).isEqualTo(INVALID_FIELD);
  }

  @Test
  void orWriteOrsIntoWhatIsThere() {
    initiator.send("2a 00 00 00 00 00 00 00 01 00", filled(1, 0x0f));
    initiator.send("8b 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", filled(1, 0xf0));
    assertThat(readBlocks(0, 1)).isEqualTo(filled(1, 0xff));
  }

  @Test
  void verifyAcceptsTheBytesThatAreThere() {
    byte[] data = random(40);
    initiator.send("2a 00 00 00 00 00 00 00 28 00", data);
    assertThat(initiator.send("2f 02 00 00 00 00 00 00 28 00", data).summary()).isEqualTo("GOOD");
  }

  @Test
  void verifyFindsTheByteThatDiffers() {
    byte[] data = random(40);
    initiator.send("2a 00 00 00 00 00 00 00 28 00", data);
    data[12_345] ^= 1;
    Reply reply = initiator.send("2f 02 00 00 00 00 00 00 28 00", data);
    assertThat(reply.summary()).isEqualTo("MISCOMPARE MISCOMPARE_DURING_VERIFY_OPERATION");
    assertThat(ByteBuffer.wrap(reply.response().sense()).getInt(3)).isEqualTo(12_345);
  }

  @Test
  void verifyComparesOneBlockWithAll() {
    initiator.send("2a 00 00 00 00 00 00 00 04 00", filled(4, 'x'));
    assertThat(initiator.send("2f 06 00 00 00 00 00 00 04 00", filled(1, 'x')).summary())
        .isEqualTo("GOOD");
    assertThat(initiator.send("2f 06 00 00 00 00 00 00 05 00", filled(1, 'x')).summary())
        .startsWith("MISCOMPARE");
  }

  @Test
  void verifyWithoutDataReadsTheWholeDisk() {
    initiator.send("2a 00 00 00 10 00 00 00 04 00", filled(4, 'x'));
    assertThat(initiator.send("8f 00 00 00 00 00 00 00 00 00 00 00 20 00 00 00").summary())
        .isEqualTo("GOOD");
  }

  @Test
  void writeSameRepeatsItsBlock() {
    assertThat(initiator.send("41 00 00 00 00 02 00 01 2c 00", filled(1, 'w')).summary())
        .isEqualTo("GOOD");
    assertThat(readBlocks(2, 300)).isEqualTo(filled(300, 'w'));
    assertThat(readBlocks(302, 1)).isEqualTo(new byte[512]);
  }

  @Test
  void writeSameOfNoBlocksIsRefused() {
    assertThat(initiator.send("41 00 00 00 1f f0 00 00 00 00", filled(1, 'w')).summary())
        .isEqualTo(INVALID_FIELD);
  }

  @Test
  void writeSameWithUnmapWritesABlockThatIsNotZero() {
    initiator.send("93 08 00 00 00 00 00 00 00 00 00 00 00 80 00 00", filled(1, 'w'));
    assertThat(readBlocks(0, 128)).isEqualTo(filled(128, 'w'));
  }

  @Test
  void writeSameOfZerosGivesWholeUnitsBack() {
    initiator.send("41 00 00 00 00 00 00 02 00 00", filled(1, 'w'));
    assertThat(disk.replica.allocatedUnits()).isEqualTo(4);
    initiator.send("93 08 00 00 00 00 00 00 00 00 00 00 01 80 00 00", new byte[512]);
    assertThat(disk.replica.allocatedUnits()).isEqualTo(1);
    assertThat(readBlocks(0, 384)).isEqualTo(new byte[384 * 512]);
  }

  @Test
  void writeSameWithoutDataZeroes() {
    initiator.send("41 00 00 00 00 00 00 00 80 00", filled(1, 'w'));
    assertThat(initiator.send("93 01 00 00 00 00 00 00 00 00 00 00 00 80 00 00").summary())
        .isEqualTo("GOOD");
    assertThat(disk.replica.allocatedUnits()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 1024})
  void writeSameWantsExactlyOneBlock(int length) {
    assertThat(initiator.send("41 00 00 00 00 00 00 00 80 00", new byte[length]).summary())
        .startsWith("ILLEGAL_REQUEST");
  }

  private static byte[] unmapList(long... lbaAndBlocks) {
    ByteBuffer list = ByteBuffer.allocate(8 + lbaAndBlocks.length * 8);
    list.putShort((short) (list.capacity() - 2)).putShort((short) (list.capacity() - 8)).putInt(0);
    for (int i = 0; i < lbaAndBlocks.length; i += 2) {
      list.putLong(lbaAndBlocks[i]).putInt((int) lbaAndBlocks[i + 1]).putInt(0);
    }
    return list.array();
  }

  private Reply unmap(byte[] list) {
    return initiator.send(String.format("42 00 00 00 00 00 00 %04x 00", list.length), list);
  }

  @Test
  void unmapZeroesAndGivesWholeUnitsBack() {
    initiator.send("41 00 00 00 00 00 00 02 00 00", filled(1, 'w'));
    assertThat(unmap(unmapList(0, 128, 200, 10)).summary()).isEqualTo("GOOD");
    assertThat(disk.replica.allocatedUnits()).isEqualTo(3);
    assertThat(readBlocks(0, 128)).isEqualTo(new byte[128 * 512]);
    assertThat(readBlocks(200, 10)).isEqualTo(new byte[10 * 512]);
    assertThat(readBlocks(210, 1)).isEqualTo(filled(1, 'w'));
  }

  @Test
  void unmapChecksEveryDescriptorBeforeItUnmapsAny() {
    initiator.send("41 00 00 00 00 00 00 00 80 00", filled(1, 'w'));
    assertThat(unmap(unmapList(0, 128, TestDisk.BLOCKS, 1)).summary()).isEqualTo(LBA_OUT_OF_RANGE);
    assertThat(disk.replica.allocatedUnits()).isEqualTo(1);
  }

  @Test
  void unmapOfNothingIsGood() {
    assertThat(unmap(unmapList()).summary()).isEqualTo("GOOD");
    assertThat(unmap(unmapList(TestDisk.BLOCKS, 0)).summary()).isEqualTo("GOOD");
    assertThat(initiator.send("42 00 00 00 00 00 00 00 00 00").summary()).isEqualTo("GOOD");
  }

  @Test
  void unmapOfTooManyDescriptorsIsRefused() {
    assertThat(unmap(unmapList(new long[2 * 257])).summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_PARAMETER_LIST");
  }

  @Test
  void lbaStatusTellsMappedFromDeallocated() {
    initiator.send("2a 00 00 00 00 80 00 00 01 00", filled(1, 'm')); // unit 1
    ByteBuffer status = initiator.send("9e 12 00 00 00 00 00 00 00 10 00 00 00 48 00 00").fields();
    assertThat(status.getInt(0)).isEqualTo(4 + 3 * 16);
    assertThat(status.getLong(8)).isEqualTo(16);
    assertThat(status.getInt(16)).isEqualTo(112);
    assertThat(status.get(20)).isEqualTo((byte) 1);
    assertThat(status.getLong(24)).isEqualTo(128);
    assertThat(status.get(36)).isEqualTo((byte) 0);
    assertThat(status.getLong(40)).isEqualTo(256);
    assertThat(status.getInt(48)).isEqualTo((int) TestDisk.BLOCKS - 256);
  }

  @Test
  void capacityIsTheLastBlockAndItsLength() {
    ByteBuffer ten = initiator.send("25 00 00 00 00 00 00 00 00 00").fields();
    assertThat(ten.getInt(0)).isEqualTo((int) TestDisk.BLOCKS - 1);
    assertThat(ten.getInt(4)).isEqualTo(512);
    ByteBuffer sixteen = initiator.send("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00").fields();
    assertThat(sixteen.getLong(0)).isEqualTo(TestDisk.BLOCKS - 1);
    assertThat(sixteen.get(14) & 0xc0).isEqualTo(0xc0);
    assertThat(sixteen.capacity()).isEqualTo(32);
  }

  @Test
  void aCapacityBeyond32BitsIsCappedInReadCapacity10() {
    disk.device.grow(64L << 40);
    assertThat(initiator.send("25 00 00 00 00 00 00 00 00 00").fields().getInt(0)).isEqualTo(-1);
  }

  @Test
  void aFullDiskIsASpaceAllocationFailure() {
    disk.replica.failWith(IoStatus.NO_SPACE);
    assertThat(initiator.send("2a 00 00 00 00 00 00 00 01 00", random(1)).summary())
        .isEqualTo("DATA_PROTECT SPACE_ALLOCATION_FAILED_WRITE_PROTECT");
  }

  @Test
  void aMediumErrorIsToldApartByDirection() {
    disk.replica.failWith(IoStatus.MEDIUM_ERROR);
    assertThat(initiator.send("28 00 00 00 00 00 00 00 01 00").summary())
        .isEqualTo("MEDIUM_ERROR UNRECOVERED_READ_ERROR");
    assertThat(initiator.send("2a 00 00 00 00 00 00 00 01 00", random(1)).summary())
        .isEqualTo("MEDIUM_ERROR WRITE_ERROR");
  }

  @Test
  void anOwnerThatCannotBeReachedIsBusy() {
    disk.replica.failWith(IoStatus.UNAVAILABLE);
    assertThat(initiator.send("28 00 00 00 00 00 00 00 01 00").summary()).isEqualTo("BUSY");
  }

  @Test
  void stoppingFlushesAndTheUnitStaysReady() {
    assertThat(initiator.send("1b 00 00 00 00 00").summary()).isEqualTo("GOOD");
    assertThat(disk.replica.flushes()).isEqualTo(1);
    assertThat(initiator.send("00 00 00 00 00 00").summary()).isEqualTo("GOOD");
  }
}
