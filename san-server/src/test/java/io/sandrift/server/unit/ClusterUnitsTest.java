package io.sandrift.server.unit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.disk.Initiator;
import io.sandrift.server.scsi.disk.Reply;
import io.sandrift.server.unit.SimulatedCluster.Server;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class ClusterUnitsTest {

  private static final String READ = "28 00 00 00 00 00 00 00 01 00";
  private static final String WRITE = "2a 00 00 00 00 00 00 00 01 00";
  private static final String RESERVE_6 = "16 00 00 00 00 00";
  private static final String RELEASE_6 = "17 00 00 00 00 00";
  private static final String CONFLICT = "RESERVATION_CONFLICT";

  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int PREEMPT = 4;
  private static final int PREEMPT_AND_ABORT = 5;

  private static final int EXCLUSIVE = 3;
  private static final int APTPL = 0x01;

  private static final Duration LEASE_OVER = Duration.ofSeconds(8);
  private static final Duration SESSION_OVER = Duration.ofSeconds(12);

  private final SimulatedCluster cluster = new SimulatedCluster(42, 3);
  private final Server a = cluster.server(0);
  private final Server b = cluster.server(1);
  private final Server c = cluster.server(2);

  private CompletableFuture<Reply> begin(
      Initiator initiator, int action, long key, long actionKey, int flags) {
    byte[] list = ByteBuffer.allocate(24).putLong(key).putLong(actionKey).array();
    list[20] = (byte) flags;
    return initiator.begin(
        String.format("5f %02x %02x 00 00 00 00 00 18 00", action, EXCLUSIVE), list);
  }

  private String out(Initiator initiator, int action, long key, long actionKey, int flags) {
    CompletableFuture<Reply> reply = begin(initiator, action, key, actionKey, flags);
    cluster.runUntil(reply::isDone);
    return reply.join().summary();
  }

  private void register(Initiator initiator, long key) {
    assertThat(out(initiator, REGISTER, 0, key, 0)).isEqualTo("GOOD");
  }

  private void reserve(Initiator initiator, long key) {
    assertThat(out(initiator, RESERVE, key, 0, 0)).isEqualTo("GOOD");
  }

  private String write(Initiator initiator) {
    return initiator.send(WRITE, new byte[512]).summary();
  }

  private String send(Initiator initiator, String cdb) {
    return cluster.send(initiator, cdb, new byte[0]).summary();
  }

  /**
   * A nexus that may not write any more is never told GOOD, and RESERVATION CONFLICT in the end.
   */
  private boolean isRefusedAtLast(Initiator initiator) {
    String answer = write(initiator);
    assertThat(answer).isNotEqualTo("GOOD");
    return answer.equals(CONFLICT);
  }

  private int keys(Server server) {
    return server.login("observer").send("5e 00 00 00 00 00 00 10 00 00").fields().getInt(4) / 8;
  }

  @Test
  void twoInitiatorsOnTwoServersSeeOneReservation() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    assertThat(keys(c)).isEqualTo(2);
    reserve(one, 1);
    assertThat(write(one)).isEqualTo("GOOD");
    assertThat(write(two)).isEqualTo(CONFLICT);
    assertThat(out(two, RESERVE, 2, 0, 0)).isEqualTo(CONFLICT);
  }

  @Test
  void aNexusThatMovesKeepsItsRegistrationAndItsReservation() {
    Initiator one = a.login("one");
    register(one, 1);
    reserve(one, 1);
    one.close();
    Initiator moved = b.login("one");
    assertThat(write(moved)).isEqualTo("GOOD");
    assertThat(write(a.login("two"))).isEqualTo(CONFLICT);
  }

  @Test
  void aPreemptedNexusIsToldAtItsOwnServer() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    reserve(two, 2);
    assertThat(out(one, PREEMPT, 1, 2, 0)).isEqualTo("GOOD");
    assertThat(write(one)).isEqualTo("GOOD");
    assertThat(write(two)).isEqualTo("UNIT_ATTENTION REGISTRATIONS_PREEMPTED");
    assertThat(write(two)).isEqualTo(CONFLICT);
    assertThat(two.aborts()).isZero();
  }

  @Test
  void preemptAndAbortIsGoodOnlyWhenNothingOfTheVictimsIsUnderWayAnywhere() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    two.abortsUntil(quiet);
    CompletableFuture<Reply> preempted = begin(one, PREEMPT_AND_ABORT, 1, 2, 0);
    cluster.runFor(Duration.ofSeconds(1));
    assertThat(two.aborts()).isEqualTo(1);
    assertThat(preempted).isNotDone();
    quiet.complete(null);
    cluster.runUntil(preempted::isDone);
    assertThat(preempted.join().summary()).isEqualTo("GOOD");
    assertThat(one.aborts()).isZero();
  }

  @Test
  void twoThatPreemptEachOtherDoNotWaitForEachOther() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    CompletableFuture<Reply> first = begin(one, PREEMPT_AND_ABORT, 1, 2, 0);
    CompletableFuture<Reply> second = begin(two, PREEMPT_AND_ABORT, 2, 1, 0);
    cluster.runUntil(() -> first.isDone() && second.isDone());
    assertThat(keys(c)).isEqualTo(1);
  }

  @Test
  void ofTwoThatReserveAtOnceOnTwoServersOneHasIt() {
    for (int seed = 0; seed < 40; seed++) {
      SimulatedCluster other = new SimulatedCluster(seed, 3);
      Initiator one = other.server(0).login("one");
      Initiator two = other.server(1).login("two");
      CompletableFuture<Reply> first = begin(one, REGISTER, 0, 1, 0);
      CompletableFuture<Reply> second = begin(two, REGISTER, 0, 2, 0);
      other.runUntil(() -> first.isDone() && second.isDone());
      CompletableFuture<Reply> firstReserves = begin(one, RESERVE, 1, 0, 0);
      CompletableFuture<Reply> secondReserves = begin(two, RESERVE, 2, 0, 0);
      other.runUntil(() -> firstReserves.isDone() && secondReserves.isDone());
      assertThat(new String[] {firstReserves.join().summary(), secondReserves.join().summary()})
          .as("seed %s", seed)
          .containsExactlyInAnyOrder("GOOD", CONFLICT);
      assertThat(new String[] {write(one), write(two)})
          .as("seed %s", seed)
          .containsExactlyInAnyOrder("GOOD", CONFLICT);
    }
  }

  @Test
  void aResetEndsTasksAndReserveOnAllServersAndIsToldToAll() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    assertThat(send(two, RESERVE_6)).isEqualTo("GOOD");
    assertThat(write(one)).isEqualTo(CONFLICT);
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    two.abortsUntil(quiet);
    CompletableFuture<Boolean> reset = a.disk().reset(one.nexus());
    cluster.runFor(Duration.ofSeconds(1));
    assertThat(reset).isNotDone();
    quiet.complete(null);
    cluster.runUntil(reset::isDone);
    assertThat(reset.join()).isTrue();
    assertThat(one.aborts()).isZero();
    assertThat(two.aborts()).isEqualTo(1);
    for (Initiator told : new Initiator[] {one, two}) {
      assertThat(write(told))
          .isEqualTo("UNIT_ATTENTION POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED");
      assertThat(write(told)).isEqualTo("GOOD");
    }
  }

  @Test
  void modeParametersAreEverybodysAndTheOthersAreTold() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    byte[] writeProtect = new byte[16];
    writeProtect[4] = 0x0a;
    writeProtect[5] = 0x0a;
    writeProtect[6] = 0x20;
    writeProtect[7] = 0x10;
    writeProtect[8] = 0x08;
    writeProtect[12] = (byte) 0xff;
    writeProtect[13] = (byte) 0xff;
    assertThat(cluster.send(one, "15 10 00 00 10 00", writeProtect).summary()).isEqualTo("GOOD");
    assertThat(write(two)).isEqualTo("UNIT_ATTENTION MODE_PARAMETERS_CHANGED");
    assertThat(write(two)).isEqualTo("DATA_PROTECT SOFTWARE_WRITE_PROTECTED");
    assertThat(write(one)).isEqualTo("DATA_PROTECT SOFTWARE_WRITE_PROTECTED");
  }

  @Test
  void reserveEndsWithItsNexusAndWithItsServer() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    assertThat(send(one, RESERVE_6)).isEqualTo("GOOD");
    assertThat(send(two, RESERVE_6)).isEqualTo(CONFLICT);
    one.close();
    cluster.runFor(Duration.ofSeconds(1));
    assertThat(send(two, RESERVE_6)).isEqualTo("GOOD");
    b.kill();
    cluster.runFor(SESSION_OVER.plusSeconds(10));
    Initiator three = a.login("three");
    assertThat(send(three, RESERVE_6)).isEqualTo("GOOD");
    assertThat(send(three, RELEASE_6)).isEqualTo("GOOD");
  }

  @Test
  void whoMovesBeforeItWasToldIsToldWhereItComesTo() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    out(one, PREEMPT, 1, 2, 0);
    two.close();
    Initiator moved = c.login("two");
    cluster.runFor(Duration.ofSeconds(1));
    assertThat(write(moved)).isEqualTo("UNIT_ATTENTION REGISTRATIONS_PREEMPTED");
    cluster.runFor(Duration.ofSeconds(1));
    moved.close();
    assertThat(write(c.login("two"))).as("told once").isEqualTo("GOOD");
  }

  @Test
  void aChangeWaitsForAServerThatCannotBeReachedUntilItsMembershipHasEnded() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    b.isCutFrom.add(a.id);
    b.isCutFrom.add(c.id);
    b.isCutFromZooKeeper = true;
    CompletableFuture<Reply> reserved = begin(one, RESERVE, 1, 0, 0);
    cluster.runFor(Duration.ofSeconds(2));
    assertThat(reserved).isNotDone();
    cluster.runUntil(reserved::isDone);
    assertThat(reserved.join().summary()).isEqualTo("GOOD");
    assertThat(write(one)).isEqualTo("GOOD");
    assertThat(write(two)).as("it can't know").isEqualTo("BUSY");
    b.isCutFrom.clear();
    b.isCutFromZooKeeper = false;
    cluster.runUntil(() -> isRefusedAtLast(two));
  }

  @Test
  void aServerThatIsAMemberAndCannotBeReachedIsWaitedFor() {
    Initiator one = a.login("one");
    register(one, 1);
    b.isCutFrom.add(a.id);
    CompletableFuture<Reply> reserved = begin(one, RESERVE, 1, 0, 0);
    cluster.runFor(SESSION_OVER);
    assertThat(reserved).isNotDone();
    b.isCutFrom.clear();
    cluster.runUntil(reserved::isDone);
    assertThat(reserved.join().summary()).isEqualTo("GOOD");
  }

  @Test
  void aServerThatIsCutOffFromZooKeeperGoesOnForItsLeaseAndThenIsBusyWhereAnythingIsGranted() {
    Initiator one = b.login("one");
    register(one, 1);
    b.isCutFromZooKeeper = true;
    cluster.runFor(Duration.ofSeconds(3));
    assertThat(write(one)).isEqualTo("GOOD");
    cluster.runFor(LEASE_OVER);
    assertThat(write(one)).isEqualTo("BUSY");
    assertThat(one.send("12 00 00 00 ff 00").summary()).isEqualTo("GOOD");
    b.isCutFromZooKeeper = false;
    cluster.runUntil(() -> write(one).equals("GOOD"));
  }

  @Test
  void aServerThatIsCutOffFromZooKeeperServesUnitsThatGrantNothing() {
    Initiator one = b.login("one");
    b.isCutFromZooKeeper = true;
    cluster.runFor(Duration.ofMinutes(2));
    assertThat(write(one)).isEqualTo("GOOD");
    assertThat(out(one, REGISTER, 0, 1, 0)).isEqualTo("BUSY");
  }

  @Test
  void aServerThatWasStoppedForLongAdmitsNothingUntilItKnowsWhatHappened() {
    Initiator one = a.login("one");
    Initiator two = b.login("two");
    register(one, 1);
    register(two, 2);
    reserve(two, 2);
    b.pause();
    assertThat(out(one, PREEMPT, 1, 2, 0)).isEqualTo("GOOD");
    b.resume();
    assertThat(write(two)).isEqualTo("BUSY");
    cluster.runUntil(() -> isRefusedAtLast(two));
  }

  @Test
  void withoutAptplRegistrationsSurviveServersButNotAllOfThem() {
    register(a.login("one"), 1);
    a.kill();
    a.start();
    cluster.runUntil(a.unit()::isSettled);
    cluster.runFor(Duration.ofSeconds(1));
    assertThat(keys(a)).isEqualTo(1);
    cluster.servers().forEach(Server::kill);
    cluster.servers().forEach(Server::start);
    cluster.runUntil(() -> cluster.servers().stream().allMatch(s -> s.unit().isSettled()));
    cluster.runFor(Duration.ofSeconds(5));
    cluster.servers().forEach(server -> assertThat(keys(server)).isZero());
  }

  @Test
  void withAptplTheySurviveAllServers() {
    assertThat(out(a.login("one"), REGISTER, 0, 1, APTPL)).isEqualTo("GOOD");
    cluster.servers().forEach(Server::kill);
    cluster.servers().forEach(Server::start);
    cluster.runFor(Duration.ofSeconds(5));
    cluster.servers().forEach(server -> assertThat(keys(server)).isEqualTo(1));
  }

  @Test
  void whatADyingServerHasWrittenAndToldNobodyComesIntoForceEverywhere() {
    Initiator one = a.login("one");
    register(one, 1);
    a.isCutFrom.add(b.id);
    a.isCutFrom.add(c.id);
    begin(one, RESERVE, 1, 0, 0);
    cluster.runFor(Duration.ofSeconds(1));
    a.kill();
    Initiator two = b.login("two");
    assertThat(write(two)).isEqualTo("GOOD");
    cluster.runFor(SESSION_OVER.plusSeconds(3));
    assertThat(write(two)).isEqualTo(CONFLICT);
    assertThat(write(c.login("two"))).isEqualTo(CONFLICT);
  }

  @Test
  void aServerThatJoinsLearnsWhatIsReserved() {
    Initiator one = a.login("one");
    register(one, 1);
    reserve(one, 1);
    Server d = cluster.add("server-4");
    Initiator two = d.login("two");
    cluster.runUntil(() -> isRefusedAtLast(two));
    assertThat(two.send(READ).summary()).isEqualTo(CONFLICT);
  }
}
