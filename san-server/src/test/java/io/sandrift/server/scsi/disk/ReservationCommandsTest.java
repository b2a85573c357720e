package io.sandrift.server.scsi.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("S11")
class ReservationCommandsTest {

  private static final String TEST_UNIT_READY = "00 00 00 00 00 00";
  private static final String READ = "28 00 00 00 00 00 00 00 01 00";
  private static final String WRITE = "2a 00 00 00 00 00 00 00 01 00";
  private static final String RESERVE_6 = "16 00 00 00 00 00";
  private static final String RELEASE_6 = "17 00 00 00 00 00";
  private static final String CONFLICT = "RESERVATION_CONFLICT";

  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int RELEASE = 2;
  private static final int CLEAR = 3;
  private static final int PREEMPT = 4;
  private static final int PREEMPT_AND_ABORT = 5;
  private static final int REGISTER_AND_IGNORE = 6;
  private static final int REGISTER_AND_MOVE = 7;

  private static final int WE = 1;
  private static final int EA = 3;
  private static final int WE_RO = 5;
  private static final int EA_RO = 6;
  private static final int WE_AR = 7;

  private static final int APTPL = 0x01;
  private static final int ALL_TG_PT = 0x04;
  private static final int SPEC_I_PT = 0x08;

  private final TestDisk disk = new TestDisk();
  private final Initiator one = disk.initiator;
  private final Initiator two = new Initiator(disk.server, "two");
  private final Initiator three = new Initiator(disk.server, "three");
  private final Initiator observer = new Initiator(disk.server, "observer");

  private static String out(
      Initiator initiator, int action, int type, long key, long actionKey, int flags) {
    byte[] list = ByteBuffer.allocate(24).putLong(key).putLong(actionKey).array();
    list[20] = (byte) flags;
    return initiator
        .send(String.format("5f %02x %02x 00 00 00 00 00 18 00", action, type), list)
        .summary();
  }

  private static String out(Initiator initiator, int action, int type, long key, long actionKey) {
    return out(initiator, action, type, key, actionKey, 0);
  }

  private static void register(Initiator initiator, long key) {
    assertThat(out(initiator, REGISTER_AND_IGNORE, 0, 0, key)).isEqualTo("GOOD");
  }

  private static String write(Initiator initiator) {
    return initiator.send(WRITE, new byte[512]).summary();
  }

  private static String read(Initiator initiator) {
    return initiator.send(READ).summary();
  }

  private long[] keys() {
    ByteBuffer data = observer.send("5e 00 00 00 00 00 00 10 00 00").fields();
    long[] keys = new long[data.getInt(4) / 8];
    data.position(8).limit(8 + keys.length * 8);
    data.asLongBuffer().get(keys);
    return keys;
  }

  private int generation() {
    return observer.send("5e 00 00 00 00 00 00 10 00 00").fields().getInt(0);
  }

  /** Type and key as "type/key", or "none". */
  private String reservation() {
    ByteBuffer data = observer.send("5e 01 00 00 00 00 00 10 00 00").fields();
    return data.getInt(4) == 0 ? "none" : (data.get(21) & 0x0f) + "/" + data.getLong(8);
  }

  @Test
  void aRegisteredKeyIsListedAndCounted() {
    register(one, 17);
    assertThat(keys()).containsExactly(17);
    assertThat(generation()).isEqualTo(1);
  }

  @Test
  void registeringWithTheWrongKeyConflicts() {
    register(one, 17);
    assertThat(out(one, REGISTER, 0, 18, 19)).isEqualTo(CONFLICT);
    assertThat(out(two, REGISTER, 0, 18, 19)).isEqualTo(CONFLICT);
    assertThat(out(one, REGISTER, 0, 17, 19)).isEqualTo("GOOD");
    assertThat(keys()).containsExactly(19);
  }

  @Test
  void aNexusThatIsNotRegisteredCannotReserve() {
    assertThat(out(one, RESERVE, WE, 0, 0)).isEqualTo(CONFLICT);
  }

  // Rows of SPC-4 table 47: what the other one may do, registered, and then not.
  @ParameterizedTest
  @CsvSource({
    "1, GOOD, RESERVATION_CONFLICT, GOOD, RESERVATION_CONFLICT",
    "3, RESERVATION_CONFLICT, RESERVATION_CONFLICT, RESERVATION_CONFLICT, RESERVATION_CONFLICT",
    "5, GOOD, GOOD, GOOD, RESERVATION_CONFLICT",
    "6, GOOD, GOOD, RESERVATION_CONFLICT, RESERVATION_CONFLICT",
    "7, GOOD, GOOD, GOOD, RESERVATION_CONFLICT",
    "8, GOOD, GOOD, RESERVATION_CONFLICT, RESERVATION_CONFLICT",
  })
  void eachTypeAdmitsWhomItShould(
      int type, String registeredReads, String registeredWrites, String reads, String writes) {
    register(one, 17);
    register(two, 18);
    assertThat(out(one, RESERVE, type, 17, 0)).isEqualTo("GOOD");
    assertThat(write(one)).isEqualTo("GOOD");
    assertThat(read(one)).isEqualTo("GOOD");
    assertThat(read(two)).isEqualTo(registeredReads);
    assertThat(write(two)).isEqualTo(registeredWrites);
    assertThat(read(three)).isEqualTo(reads);
    assertThat(write(three)).isEqualTo(writes);
    assertThat(three.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void anAllRegistrantsReservationHasNoKeyAndLastsUntilTheLastOneLeaves() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, WE_AR, 17, 0);
    assertThat(reservation()).isEqualTo("7/0");
    assertThat(out(one, REGISTER, 0, 17, 0)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("7/0");
    assertThat(out(two, REGISTER, 0, 18, 0)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("none");
  }

  @Test
  void aHolderThatUnregistersReleases() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, EA_RO, 17, 0);
    assertThat(out(one, REGISTER, 0, 17, 0)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("none");
    assertThat(two.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION RESERVATIONS_RELEASED");
  }

  @Test
  void reservingAgainIsGoodForTheHolderAndAConflictForOthersAndOtherTypes() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, WE, 17, 0);
    assertThat(out(one, RESERVE, WE, 17, 0)).isEqualTo("GOOD");
    assertThat(out(one, RESERVE, EA, 17, 0)).isEqualTo(CONFLICT);
    assertThat(out(two, RESERVE, WE, 18, 0)).isEqualTo(CONFLICT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, 9, 15, 0x11})
  void aTypeOrScopeThatIsNoneIsRefused(int scopeAndType) {
    register(one, 17);
    assertThat(out(one, RESERVE, scopeAndType, 17, 0))
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_CDB");
  }

  @Test
  void releasingAnotherTypeIsRefused() {
    register(one, 17);
    out(one, RESERVE, WE, 17, 0);
    assertThat(out(one, RELEASE, EA, 17, 0))
        .isEqualTo("ILLEGAL_REQUEST INVALID_RELEASE_OF_PERSISTENT_RESERVATION");
    assertThat(out(one, RELEASE, WE, 17, 0)).isEqualTo("GOOD");
  }

  @Test
  void releasingWhatOneDoesNotHoldIsGoodAndDoesNothing() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, WE, 17, 0);
    assertThat(out(two, RELEASE, WE, 18, 0)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("1/17");
  }

  @Test
  void aReleaseIsToldToTheOtherRegistrantsOnly() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, WE_RO, 17, 0);
    out(one, RELEASE, WE_RO, 17, 0);
    assertThat(two.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION RESERVATIONS_RELEASED");
    assertThat(three.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
    assertThat(one.send(TEST_UNIT_READY).summary()).isEqualTo("GOOD");
  }

  @Test
  void clearEndsEverythingForEverybody() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, EA, 17, 0);
    int before = generation();
    assertThat(out(two, CLEAR, 0, 18, 0)).isEqualTo("GOOD");
    assertThat(keys()).isEmpty();
    assertThat(reservation()).isEqualTo("none");
    assertThat(generation()).isEqualTo(before + 1);
    assertThat(one.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION RESERVATIONS_PREEMPTED");
  }

  @Test
  void preemptingTheHoldersKeyTakesTheReservationOver() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, EA, 17, 0);
    assertThat(out(two, PREEMPT, WE, 18, 17)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("1/18");
    assertThat(keys()).containsExactly(18);
    assertThat(one.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION REGISTRATIONS_PREEMPTED");
    assertThat(one.aborts()).isZero();
  }

  @Test
  void preemptAndAbortEndsTheTasksOfTheOnesItPreempts() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, EA, 17, 0);
    assertThat(out(two, PREEMPT_AND_ABORT, EA, 18, 17)).isEqualTo("GOOD");
    assertThat(one.aborts()).isEqualTo(1);
    assertThat(three.aborts()).isZero();
  }

  @Test
  void preemptingAKeyThatHoldsNothingOnlyEndsItsRegistrations() {
    register(one, 17);
    register(two, 18);
    register(three, 19);
    out(one, RESERVE, WE_RO, 17, 0);
    assertThat(out(two, PREEMPT, WE_RO, 18, 19)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("5/17");
    assertThat(three.send(TEST_UNIT_READY).summary())
        .isEqualTo("UNIT_ATTENTION REGISTRATIONS_PREEMPTED");
    assertThat(keys()).containsExactly(17, 18);
  }

  @Test
  void preemptingAKeyThatNobodyHasConflicts() {
    register(one, 17);
    assertThat(out(one, PREEMPT, WE, 17, 99)).isEqualTo(CONFLICT);
  }

  @Test
  void preemptingNoKeyTakesOverFromAllRegistrants() {
    register(one, 17);
    register(two, 18);
    register(three, 19);
    out(one, RESERVE, WE_AR, 17, 0);
    assertThat(out(two, PREEMPT, EA, 18, 0)).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("3/18");
    assertThat(keys()).containsExactly(18);
  }

  @Test
  void preemptingNoKeyWithoutAllRegistrantsIsRefused() {
    register(one, 17);
    assertThat(out(one, PREEMPT, WE, 17, 0))
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_PARAMETER_LIST");
  }

  private static byte[] transportId(String name) {
    byte[] port = Initiator.portName(name).getBytes(StandardCharsets.UTF_8);
    int padded = (port.length + 4) & ~3;
    return ByteBuffer.allocate(4 + padded)
        .put((byte) 0x45)
        .put((byte) 0)
        .putShort((short) padded)
        .put(port)
        .array();
  }

  private static String move(Initiator initiator, long key, long actionKey, int flags, String to) {
    byte[] id = transportId(to);
    byte[] list =
        ByteBuffer.allocate(24 + id.length)
            .putLong(key)
            .putLong(actionKey)
            .put((byte) 0)
            .put((byte) flags)
            .putShort((short) 1)
            .putInt(id.length)
            .put(id)
            .array();
    return initiator
        .send(String.format("5f 07 00 00 00 00 00 %04x 00", list.length), list)
        .summary();
  }

  @Test
  void registerAndMoveHandsTheReservationOn() {
    register(one, 17);
    out(one, RESERVE, EA, 17, 0);
    assertThat(move(one, 17, 18, 0x02, "two")).isEqualTo("GOOD");
    assertThat(reservation()).isEqualTo("3/18");
    assertThat(keys()).containsExactly(18);
    assertThat(write(two)).isEqualTo("GOOD");
    assertThat(write(one)).isEqualTo(CONFLICT);
  }

  @Test
  void onlyTheHolderMayMoveAndOnlyToAnother() {
    register(one, 17);
    register(two, 18);
    out(one, RESERVE, EA, 17, 0);
    assertThat(move(two, 18, 19, 0, "three")).isEqualTo(CONFLICT);
    assertThat(move(one, 17, 19, 0, "one"))
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_PARAMETER_LIST");
  }

  @Test
  void specIPtRegistersOtherInitiatorPortsToo() {
    byte[] id = transportId("two");
    byte[] list =
        ByteBuffer.allocate(28 + id.length)
            .putLong(0)
            .putLong(17)
            .putInt(0)
            .put((byte) SPEC_I_PT)
            .put(new byte[3])
            .putInt(id.length)
            .put(id)
            .array();
    String cdb = String.format("5f 00 00 00 00 00 00 %04x 00", list.length);
    assertThat(one.send(cdb, list).summary()).isEqualTo("GOOD");
    assertThat(keys()).containsExactly(17, 17);
    assertThat(out(two, RESERVE, WE, 17, 0)).isEqualTo("GOOD");
  }

  @Test
  void allTgPtRegistersAtEveryTargetPort() {
    assertThat(out(one, REGISTER, 0, 0, 17, ALL_TG_PT)).isEqualTo("GOOD");
    Initiator sameAtAnotherPort = new Initiator(disk.server, "one", 2);
    assertThat(out(sameAtAnotherPort, RESERVE, WE, 17, 0)).isEqualTo("GOOD");
    byte[] status = observer.send("5e 03 00 00 00 00 00 10 00 00").data();
    assertThat(status[8 + 12]).isEqualTo((byte) 0x03);
  }

  @Test
  void fullStatusNamesTheRegistrant() {
    register(one, 17);
    out(one, RESERVE, EA, 17, 0);
    byte[] status = observer.send("5e 03 00 00 00 00 00 10 00 00").data();
    ByteBuffer fields = ByteBuffer.wrap(status);
    assertThat(fields.getInt(4)).isEqualTo(status.length - 8);
    assertThat(fields.getLong(8)).isEqualTo(17);
    assertThat(status[20]).isEqualTo((byte) 1);
    assertThat(status[21]).isEqualTo((byte) EA);
    assertThat(fields.getShort(26)).isEqualTo((short) 1);
    assertThat(new String(status, 36, status.length - 36, StandardCharsets.UTF_8))
        .startsWith(Initiator.portName("one"));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 0x1f})
  void otherServiceActionsOfReserveInAreRefused(int action) {
    assertThat(one.send(String.format("5e %02x 00 00 00 00 00 10 00 00", action)).summary())
        .isEqualTo("ILLEGAL_REQUEST INVALID_FIELD_IN_CDB");
  }

  @Test
  void aParameterListOfAnyOtherLengthIsRefused() {
    assertThat(one.send("5f 00 00 00 00 00 00 00 10 00", new byte[16]).summary())
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
    assertThat(one.send("5f 00 00 00 00 00 00 00 20 00", new byte[32]).summary())
        .isEqualTo("ILLEGAL_REQUEST PARAMETER_LIST_LENGTH_ERROR");
  }

  @Test
  void registrationsThatAskForItSurvivePowerLoss() {
    out(one, REGISTER, 0, 0, 17, APTPL);
    out(one, RESERVE, EA, 17, 0);
    TestDisk after =
        new TestDisk(disk.unit.afterPowerLoss(), (type, designator) -> Optional.empty());
    assertThat(write(after.initiator)).isEqualTo("GOOD");
    Initiator stranger = new Initiator(after.server, "stranger");
    assertThat(write(stranger)).isEqualTo(CONFLICT);
  }

  @Test
  void registrationsThatDoNotAskForItAreLostWithPower() {
    out(one, REGISTER, 0, 0, 17, APTPL);
    out(one, REGISTER, 0, 17, 18, 0);
    TestDisk after =
        new TestDisk(disk.unit.afterPowerLoss(), (type, designator) -> Optional.empty());
    assertThat(after.initiator.send("5e 00 00 00 00 00 00 10 00 00").fields().getInt(4)).isZero();
  }

  @Test
  void whatCannotBeAgreedOnIsBusyAndHasNotHappened() {
    disk.unit.isCutOff(true);
    assertThat(out(one, REGISTER, 0, 0, 17, APTPL)).isEqualTo("BUSY");
    assertThat(keys()).isEmpty();
    disk.unit.isCutOff(false);
    assertThat(out(one, REGISTER, 0, 0, 17, APTPL)).isEqualTo("GOOD");
  }

  @Test
  void reserveKeepsOthersOut() {
    assertThat(one.send(RESERVE_6).summary()).isEqualTo("GOOD");
    assertThat(one.send(RESERVE_6).summary()).isEqualTo("GOOD");
    assertThat(two.send(RESERVE_6).summary()).isEqualTo(CONFLICT);
    assertThat(read(two)).isEqualTo(CONFLICT);
    assertThat(two.send(TEST_UNIT_READY).summary()).isEqualTo(CONFLICT);
    assertThat(two.send("1a 00 3f 00 ff 00").summary()).isEqualTo(CONFLICT);
    assertThat(two.send("12 00 00 00 ff 00").summary()).isEqualTo("GOOD");
    assertThat(two.send(RELEASE_6).summary()).isEqualTo("GOOD");
    assertThat(read(two)).isEqualTo(CONFLICT);
    assertThat(one.send(RELEASE_6).summary()).isEqualTo("GOOD");
    assertThat(read(two)).isEqualTo("GOOD");
  }

  @Test
  void reserveEndsWithItsNexus() {
    one.send(RESERVE_6);
    one.close();
    assertThat(two.send(RESERVE_6).summary()).isEqualTo("GOOD");
  }

  @Test
  void reserveEndsWithAReset() {
    one.send(RESERVE_6);
    disk.server.reset(one.nexus());
    two.send(TEST_UNIT_READY);
    assertThat(two.send(RESERVE_6).summary()).isEqualTo("GOOD");
  }

  @Test
  void aPersistentReservationOutlivesItsNexusAndAReset() {
    register(one, 17);
    out(one, RESERVE, EA, 17, 0);
    one.close();
    disk.server.reset(two.nexus());
    two.send(TEST_UNIT_READY);
    assertThat(write(two)).isEqualTo(CONFLICT);
  }

  @Test
  void reserveAndRegistrationsExcludeEachOther() {
    one.send(RESERVE_6);
    assertThat(out(two, REGISTER, 0, 0, 17)).isEqualTo(CONFLICT);
    one.send(RELEASE_6);
    register(two, 17);
    assertThat(one.send(RESERVE_6).summary()).isEqualTo(CONFLICT);
  }

  @Test
  void startingAndAllowingRemovalAreHarmlessUnderAReservation() {
    register(one, 17);
    out(one, RESERVE, EA, 17, 0);
    assertThat(two.send("1b 00 00 00 01 00").summary()).isEqualTo("GOOD");
    assertThat(two.send("1b 00 00 00 00 00").summary()).isEqualTo(CONFLICT);
    assertThat(two.send("1e 00 00 00 00 00").summary()).isEqualTo("GOOD");
    assertThat(two.send("1e 00 00 00 01 00").summary()).isEqualTo(CONFLICT);
  }

  @Test
  void capabilitiesNameAllSixTypes() {
    ByteBuffer data = one.send("5e 02 00 00 00 00 00 10 00 00").fields();
    assertThat(data.getShort(0)).isEqualTo((short) 8);
    assertThat(data.getShort(4)).isEqualTo((short) 0xea01);
  }
}
