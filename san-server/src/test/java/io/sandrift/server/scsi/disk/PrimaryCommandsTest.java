package io.sandrift.server.scsi.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.task.ScsiStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("S11")
class PrimaryCommandsTest {

  private static final String TEST_UNIT_READY = "00 00 00 00 00 00";
  private static final String REPORT_ALL_COMMANDS = "a3 0c 00 00 00 00 00 00 ff ff 00 00";
  private static final String INVALID_FIELD = "ILLEGAL_REQUEST INVALID_FIELD_IN_CDB";

  private final TestDisk disk = new TestDisk();
  private final Initiator initiator = disk.initiator;
  private final Initiator other = new Initiator(disk.server, "two");

  private static String ascii(byte[] data, int from, int to) {
    return new String(data, from, to - from, StandardCharsets.US_ASCII);
  }

  @Test
  void aFreshNexusIsReadyWithoutAUnitAttention() {
    assertThat(initiator.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void inquiryDescribesADirectAccessDiskOfSpc4AndSbc3() {
    byte[] data = initiator.send("12 00 00 00 ff 00").data();
    assertThat(data[0]).isZero();
    assertThat(data[1]).isZero();
    assertThat(data[2]).isEqualTo((byte) 6);
    assertThat(data[4]).isEqualTo((byte) (data.length - 5));
    assertThat(ascii(data, 8, 16)).isEqualTo("SANDRIFT");
    assertThat(ByteBuffer.wrap(data).getShort(64)).isEqualTo((short) 0x04c0);
  }

  @Test
  void theAllocationLengthCutsDataButNotWhatTheirLengthFieldSays() {
    byte[] data = initiator.send("12 00 00 00 05 00").data();
    assertThat(data).hasSize(5);
    assertThat(data[4]).isEqualTo((byte) 91);
  }

  @Test
  void everyVpdPageThatIsListedCanBeReadAndNamesItself() {
    byte[] list = initiator.send("12 01 00 00 ff 00").data();
    Byte[] pages = new Byte[list.length - 4];
    Arrays.setAll(pages, i -> list[4 + i]);
    assertThat(pages)
        .isSortedAccordingTo(Byte::compareUnsigned)
        .contains((byte) 0x00, (byte) 0x83, (byte) 0xb0, (byte) 0xb2);
    for (byte page : pages) {
      byte[] data = initiator.send(String.format("12 01 %02x 01 00 00", page)).data();
      assertThat(data[1]).isEqualTo(page);
      assertThat(ByteBuffer.wrap(data).getShort(2)).isEqualTo((short) (data.length - 4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"12 00 01 00 ff 00", "12 01 c7 00 ff 00", "12 02 00 00 ff 00"})
  void inquiryForWhatIsNotThereIsAnInvalidField(String cdb) {
    assertThat(initiator.send(cdb).summary()).isEqualTo(INVALID_FIELD);
  }

  @Test
  void blockLimitsAreThoseOfSbc3() {
    ByteBuffer page = initiator.send("12 01 b0 00 ff 00").fields();
    assertThat(page.capacity()).isEqualTo(64);
    assertThat(page.get(5) & 0xff).isEqualTo(128);
    assertThat(page.getInt(8)).isEqualTo(65_536);
    assertThat(page.getInt(28)).as("optimal unmap granularity").isEqualTo(TestDisk.UNIT / 512);
    assertThat(page.getInt(44)).as("atomic").isPositive().isLessThanOrEqualTo(page.getInt(8));
  }

  @Test
  void reportLunsListsTheDiskAlone() {
    ByteBuffer luns = initiator.send("a0 00 00 00 00 00 00 00 01 00 00 00").fields();
    assertThat(luns.capacity()).isEqualTo(16);
    assertThat(luns.getInt(0)).isEqualTo(8);
    assertThat(luns.getLong(8)).isZero();
  }

  @Test
  void anotherLunHasInquiryAndReportLunsAndNothingElse() {
    long lun = 1L << 48;
    byte[] none = new byte[0];
    assertThat(initiator.send(lun, "12 00 00 00 ff 00", none).data()[0]).isEqualTo((byte) 0x7f);
    assertThat(initiator.send(lun, "a0 00 00 00 00 00 00 00 01 00 00 00", none).summary())
        .isEqualTo("GOOD");
    assertThat(initiator.send(lun, TEST_UNIT_READY, none).summary())
        .isEqualTo("ILLEGAL_REQUEST LOGICAL_UNIT_NOT_SUPPORTED");
  }

  @Test
  void aCommandThatTheDiskDoesNotKnowIsRefused() {
    assertThat(initiator.send("c7 00 00 00 00 00").summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_COMMAND_OPERATION_CODE");
    assertThat(initiator.send("9e 1f 00 00 00 00").summary()).isEqualTo(INVALID_FIELD);
  }

  @Test
  void anInvalidFieldIsPointedAt() {
    byte[] sense = initiator.send("28 20 00 00 00 00 00 00 01 00").response().sense();
    assertThat(sense[15]).isEqualTo((byte) 0xcf); // SKSV, in the CDB, bit 7
    assertThat(ByteBuffer.wrap(sense).getShort(16)).isEqualTo((short) 1);
  }

  @Test
  void modeSenseHasAllPagesAndABlockDescriptor() {
    byte[] data = initiator.send("1a 00 3f 00 ff 00").data();
    assertThat(data[0] & 0xff).isEqualTo(data.length - 1);
    assertThat(data[2] & 0x10).as("DPOFUA").isEqualTo(0x10);
    assertThat(data[3]).isEqualTo((byte) 8);
    assertThat(ByteBuffer.wrap(data).getInt(4)).isEqualTo((int) TestDisk.BLOCKS);
    assertThat(data[12]).isEqualTo((byte) 0x01);
  }

  @Test
  void modeSenseOfTenBytesMayHaveTheLongBlockDescriptor() {
    ByteBuffer data = initiator.send("5a 10 0a 00 00 00 00 01 00 00").fields();
    assertThat(data.getShort(0)).isEqualTo((short) (data.capacity() - 2));
    assertThat(data.getShort(6)).isEqualTo((short) 16);
    assertThat(data.getLong(8)).isEqualTo(TestDisk.BLOCKS);
    assertThat(data.get(24)).isEqualTo((byte) 0x0a);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1a 08 ca 00 ff 00", "1a 08 ff 00 ff 00"})
  void thereAreNoSavedModePages(String cdb) {
    assertThat(initiator.send(cdb).summary())
        .isEqualTo("ILLEGAL_REQUEST SAVING_PARAMETERS_NOT_SUPPORTED");
  }

  private static byte[] controlPage(int dSense, int swp) {
    byte[] list = new byte[16];
    list[4] = 0x0a;
    list[5] = 10;
    list[6] = (byte) (0x20 | dSense);
    list[7] = 0x10;
    list[8] = (byte) swp;
    list[12] = (byte) 0xff;
    list[13] = (byte) 0xff;
    return list;
  }

  @Test
  void softwareWriteProtectionRefusesWritesAndAllowsReads() {
    assertThat(initiator.send("15 10 00 00 10 00", controlPage(0, 8)).summary()).isEqualTo("GOOD");
    assertThat(initiator.send("2a 00 00 00 00 00 00 00 01 00", new byte[512]).summary())
        .isEqualTo("DATA_PROTECT SOFTWARE_WRITE_PROTECTED");
    assertThat(initiator.send("28 00 00 00 00 00 00 00 01 00").summary()).isEqualTo("GOOD");
    assertThat(initiator.send("1a 08 0a 00 ff 00").data()[2] & 0x80).isEqualTo(0x80);
  }

  @Test
  void descriptorSenseChangesTheFormatOfSenseData() {
    initiator.send("15 10 00 00 10 00", controlPage(4, 0));
    byte[] sense = initiator.send("28 00 ff ff ff ff 00 00 01 00").response().sense();
    assertThat(sense[0]).isEqualTo((byte) 0x72);
    assertThat(sense[2]).isEqualTo((byte) 0x21);
  }

  @Test
  void aChangeOfModeParametersIsToldToTheOthersOnce() {
    initiator.send("15 10 00 00 10 00", controlPage(4, 0));
    assertThat(initiator.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
    assertThat(other.send(TEST_UNIT_READY).status()).isEqualTo(ScsiStatus.CHECK_CONDITION);
    assertThat(other.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void modeSelectOfWhatIsNotChangeableIsRefused() {
    byte[] list = controlPage(0, 0);
    list[7] = 0;
    assertThat(initiator.send("15 10 00 00 10 00", list).summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_PARAMETER_LIST");
  }

  @Test
  void modeSelectOfATruncatedPageIsRefused() {
    assertThat(initiator.send("15 10 00 00 0a 00", Arrays.copyOf(controlPage(0, 0), 10)).summary())
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
  }

  @Test
  void modeSelectOfMoreThanWasSentIsRefused() {
    assertThat(initiator.send("15 10 00 00 18 00", controlPage(0, 0)).summary())
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
  }

  @Test
  void aResetIsToldToEveryNexusAndEndsItsTasks() {
    disk.server.reset(initiator.nexus());
    assertThat(initiator.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED");
    assertThat(other.send(TEST_UNIT_READY).summary()).startsWith("UNIT_ATTENTION");
    assertThat(other.aborts()).isEqualTo(1);
  }

  @Test
  void aResetReturnsModeParametersToTheirDefaults() {
    initiator.send("15 10 00 00 10 00", controlPage(0, 8));
    disk.server.reset(initiator.nexus());
    initiator.send(TEST_UNIT_READY);
    assertThat(initiator.send("2a 00 00 00 00 00 00 00 01 00", new byte[512]).summary())
        .isEqualTo("GOOD");
  }

  @Test
  void inquiryAndReportLunsLeaveAUnitAttentionPending() {
    disk.server.capacityChanged();
    assertThat(initiator.send("12 00 00 00 ff 00").summary()).isEqualTo("GOOD");
    assertThat(initiator.send("a0 00 00 00 00 00 00 00 01 00 00 00").summary()).isEqualTo("GOOD");
    assertThat(initiator.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION CAPACITY_DATA_HAS_CHANGED");
  }

  @Test
  void requestSenseHandsAUnitAttentionOverAsData() {
    disk.server.capacityChanged();
    byte[] sense = initiator.send("03 00 00 00 ff 00").data();
    assertThat(sense[2]).isEqualTo((byte) 6);
    assertThat(sense[12]).isEqualTo((byte) 0x2a);
    assertThat(initiator.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void aResetIsReportedAloneWhateverElseWasPending() {
    disk.server.capacityChanged();
    disk.server.reset(initiator.nexus());
    assertThat(initiator.send(TEST_UNIT_READY).summary()).contains("RESET");
    assertThat(initiator.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void everyReportedCommandCanBeAskedForByItself() {
    ByteBuffer all = initiator.send(REPORT_ALL_COMMANDS).fields();
    int count = all.getInt(0) / 8;
    assertThat(count).isGreaterThan(50);
    for (int i = 0; i < count; i++) {
      int at = 4 + i * 8;
      int code = all.get(at) & 0xff;
      int serviceAction = all.getShort(at + 2);
      boolean hasServiceAction = (all.get(at + 5) & 1) != 0;
      byte[] one =
          initiator
              .send(
                  String.format(
                      "a3 0c %02x %02x %04x 00 00 ff ff 00 00",
                      hasServiceAction ? 2 : 1, code, serviceAction))
              .data();
      assertThat(one[1]).as("%02x/%x", code, serviceAction).isEqualTo((byte) 3);
      assertThat(one[4] & 0xff).isEqualTo(code);
      assertThat(one.length).isEqualTo(4 + all.getShort(at + 6));
      assertThat(
              initiator
                  .send(
                      String.format(
                          "a3 0c %02x %02x %04x 00 00 ff ff 00 00",
                          hasServiceAction ? 1 : 2, code, serviceAction))
                  .summary())
          .isEqualTo(INVALID_FIELD);
    }
  }

  @Test
  void timeoutsComeWhenTheyAreAskedFor() {
    ByteBuffer all = initiator.send("a3 0c 80 00 00 00 00 00 ff ff 00 00").fields();
    assertThat(all.getInt(0) % 20).isZero();
    assertThat(all.get(9) & 2).isEqualTo(2);
    assertThat(all.getShort(12)).isEqualTo((short) 10);
  }

  @Test
  void anUnsupportedCommandIsReportedAsSuch() {
    assertThat(initiator.send("a3 0c 01 c7 00 00 00 00 ff ff 00 00").data()[1]).isEqualTo((byte) 1);
  }

  @Test
  void onlyTheDefaultSelfTestIsOffered() {
    assertThat(initiator.send("1d 04 00 00 00 00").summary()).isEqualTo("GOOD");
    assertThat(initiator.send("1d 00 00 00 10 00").summary()).isEqualTo(INVALID_FIELD);
  }
}
