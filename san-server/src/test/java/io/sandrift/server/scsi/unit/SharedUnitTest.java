package io.sandrift.server.scsi.unit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.reservation.ReservationRequest;
import io.sandrift.server.scsi.reservation.ReservationRequest.ServiceAction;
import io.sandrift.server.scsi.reservation.ReservationType;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.unit.SharedUnit.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class SharedUnitTest {

  private static final NexusId ONE = new NexusId("iqn.one,i,0x000000000001", 1);
  private static final NexusId TWO = new NexusId("iqn.two,i,0x000000000001", 1);

  private final List<UnitEvent> delivered = new ArrayList<>();
  private long lease = 7;
  private final SharedUnit unit =
      new SharedUnit(
          "a",
          1,
          new UnitChanges() {
            @Override
            public <R> void submit(SharedUnit of, UnitChange<R> change, Listener<R> listener) {
              listener.done(new Outcome.Busy<>());
            }
          },
          () -> lease);

  SharedUnitTest() {
    unit.deliverTo(
        new SharedUnit.Nexuses() {
          @Override
          public CompletableFuture<Void> deliver(UnitEvent event) {
            delivered.add(event);
            return CompletableFuture.completedFuture(null);
          }

          @Override
          public boolean pay(NexusId nexus, Set<AdditionalSense> owed) {
            return false;
          }

          @Override
          public boolean isHere(NexusId nexus) {
            return false;
          }
        });
  }

  private static UnitState out(UnitState now, NexusId by, ServiceAction action, long key) {
    return UnitRules.persistentReserve(
            by,
            new ReservationRequest(
                action,
                Optional.of(ReservationType.EXCLUSIVE_ACCESS),
                action == ServiceAction.REGISTER ? 0 : key,
                action == ServiceAction.PREEMPT ? 3 - key : key,
                false,
                false,
                List.of(),
                Optional.empty()))
        .from(now)
        .next()
        .orElseThrow();
  }

  private static final UnitState REGISTERED =
      out(out(UnitState.INITIAL, ONE, ServiceAction.REGISTER, 1), TWO, ServiceAction.REGISTER, 2);
  private static final UnitState ONES = out(REGISTERED, ONE, ServiceAction.RESERVE, 1);
  private static final UnitState TWOS = out(ONES, TWO, ServiceAction.PREEMPT, 2);

  private void settledOn(UnitState state) {
    unit.takeOver(state);
    unit.settle(state.revision());
    unit.sureUnder(7);
  }

  private Verdict write(NexusId nexus) {
    return unit.verdict(nexus, Access.WRITE);
  }

  @Test
  void aUnitThatIsNotKnownYetIsBusy() {
    assertThat(write(ONE)).isEqualTo(Verdict.UNSURE);
    unit.takeOver(UnitState.INITIAL);
    assertThat(write(ONE)).isEqualTo(Verdict.UNSURE);
    unit.settle(0);
    assertThat(write(ONE)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void whileAChangeIsPendingACommandHasToBeAllowedBeforeAndAfterIt() {
    settledOn(ONES);
    unit.takeOver(TWOS);
    assertThat(write(ONE)).isEqualTo(Verdict.UNSURE);
    assertThat(write(TWO)).isEqualTo(Verdict.UNSURE);
    unit.settle(TWOS.revision());
    assertThat(write(ONE)).isEqualTo(Verdict.CONFLICT);
    assertThat(write(TWO)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void aStateThatCameLateIsIgnored() {
    settledOn(TWOS);
    unit.takeOver(ONES);
    unit.settle(ONES.revision());
    assertThat(write(TWO)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void withoutALeaseWhatGrantsAnybodyAnythingIsBusyAndTheRestGoesOn() {
    settledOn(UnitState.INITIAL);
    lease = 0;
    assertThat(write(ONE)).isEqualTo(Verdict.ALLOWED);
    lease = 7;
    settledOn(REGISTERED);
    assertThat(write(ONE)).isEqualTo(Verdict.ALLOWED);
    lease = 0;
    assertThat(write(ONE)).isEqualTo(Verdict.UNSURE);
    assertThat(unit.verdict(ONE, Access.ALWAYS)).isEqualTo(Verdict.ALLOWED);
    assertThat(unit.current()).isEmpty();
  }

  @Test
  void underANewMembershipTheCopyCountsOnlyWhenItWasReadAgain() {
    settledOn(ONES);
    lease = 8;
    assertThat(write(ONE)).isEqualTo(Verdict.UNSURE);
    unit.sureUnder(8);
    assertThat(write(ONE)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void eventsOfStatesThatWereSkippedAreDeliveredToo() {
    settledOn(REGISTERED);
    unit.takeOver(TWOS);
    assertThat(delivered)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.tells(ONE)).isTrue();
              assertThat(event.tells(TWO)).isFalse();
            });
  }

  @Test
  void whoMissedMoreThanIsKeptIsTreatedAsAfterAReset() {
    settledOn(UnitState.INITIAL);
    UnitState now = UnitState.INITIAL;
    for (int i = 0; i <= UnitState.MAX_EVENTS; i++) {
      now = UnitRules.reset(ONE).from(now).next().orElseThrow();
    }
    assertThat(now.events()).hasSize(UnitState.MAX_EVENTS);
    unit.takeOver(now);
    assertThat(delivered).singleElement().matches(event -> event.abortsTasksOf(ONE));
  }

  @Test
  void moreChangesAtOnceThanAreKeptLeaveItBusyUntilOneIsSettled() {
    settledOn(ONES);
    UnitState now = ONES;
    for (int i = 0; i < SharedUnit.MAX_PENDING; i++) {
      now = UnitRules.reset(ONE).from(now).next().orElseThrow();
      unit.takeOver(now);
    }
    assertThat(unit.verdict(ONE, Access.READ)).isEqualTo(Verdict.UNSURE);
    unit.settle(now.revision());
    assertThat(unit.verdict(ONE, Access.READ)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void attentionsOfNexusesThatLeftAreBounded() {
    UnitState now = UnitState.INITIAL;
    Set<AdditionalSense> untold = Set.of(AdditionalSense.MODE_PARAMETERS_CHANGED);
    for (int i = 0; i < 2 * UnitState.MAX_OWED; i++) {
      NexusId nexus = new NexusId("iqn." + i + ",i,0x000000000001", 1);
      now = UnitRules.owe(nexus, untold).from(now).next().orElseThrow();
    }
    assertThat(now.owed()).hasSize(UnitState.MAX_OWED);
  }

  @Test
  void registrantsThatEventsNameAreBounded() {
    UnitState now = UnitState.INITIAL;
    for (int i = 0; i < 1000; i++) {
      NexusId nexus = new NexusId("iqn." + i + ",i,0x000000000001", 1);
      now = out(now, nexus, ServiceAction.REGISTER, i + 1);
    }
    for (int i = 0; i < 3; i++) {
      now = out(now, ONE, ServiceAction.REGISTER, 5000);
      now = out(now, ONE, ServiceAction.CLEAR, 5000);
      for (int j = 0; j < 1000; j++) {
        NexusId nexus = new NexusId("iqn." + j + ",i,0x000000000001", 1);
        now = out(now, nexus, ServiceAction.REGISTER, j + 1);
      }
    }
    assertThat(now.events().stream().mapToInt(event -> event.to().size()).sum())
        .isLessThanOrEqualTo(UnitState.MAX_NAMED);
  }
}
