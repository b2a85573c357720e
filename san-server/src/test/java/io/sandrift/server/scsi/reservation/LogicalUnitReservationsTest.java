package io.sandrift.server.scsi.reservation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.server.scsi.reservation.LogicalUnitReservations.Decision;
import io.sandrift.server.scsi.reservation.ReservationRequest.ServiceAction;
import io.sandrift.server.scsi.task.NexusId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class LogicalUnitReservationsTest {

  private static final NexusId ONE = new NexusId("iqn.one,i,0x000000000001", 1);
  private static final NexusId TWO = new NexusId("iqn.two,i,0x000000000001", 1);

  /** Saves when it is told to. */
  private static final class SlowJournal implements ReservationJournal {
    private final List<SaveListener> waiting = new ArrayList<>();
    private byte[] saved;

    @Override
    public Optional<byte[]> load() {
      return Optional.ofNullable(saved);
    }

    @Override
    public void save(byte[] content, SaveListener listener) {
      waiting.add(
          durable -> {
            if (durable) {
              saved = content;
            }
            listener.done(durable);
          });
    }

    void end(boolean durable) {
      waiting.remove(0).done(durable);
    }
  }

  private final SlowJournal journal = new SlowJournal();
  private final LogicalUnitReservations reservations = new LogicalUnitReservations(journal);
  private final List<Decision> decisions = new ArrayList<>();

  private static ReservationRequest register(long key, boolean persists) {
    return new ReservationRequest(
        ServiceAction.REGISTER_AND_IGNORE_EXISTING_KEY,
        Optional.empty(),
        0,
        key,
        persists,
        false,
        List.of(),
        Optional.empty());
  }

  private static boolean isAccepted(Decision decision) {
    return decision instanceof Decision.Made made
        && made.outcome() instanceof ReservationOutcome.Accepted;
  }

  @Test
  void aChangeThatMustPersistTakesEffectAndIsAnsweredWhenItIsDurable() {
    reservations.change(ONE, register(17, true), decisions::add);
    assertThat(decisions).isEmpty();
    assertThat(reservations.state().keys()).isEmpty();
    journal.end(true);
    assertThat(decisions).singleElement().matches(LogicalUnitReservationsTest::isAccepted);
    assertThat(reservations.state().keys()).containsValue(17L);
  }

  @Test
  void aChangeDuringASaveIsBusyAndNothingQueuesUp() {
    reservations.change(ONE, register(17, true), decisions::add);
    reservations.change(TWO, register(18, false), decisions::add);
    assertThat(decisions).containsExactly(new Decision.Busy());
    assertThat(journal.waiting).hasSize(1);
  }

  @Test
  void aSaveThatFailsLeavesEverythingAsItWas() {
    reservations.change(ONE, register(17, true), decisions::add);
    journal.end(false);
    assertThat(decisions).containsExactly(new Decision.Busy());
    assertThat(reservations.state()).isEqualTo(ReservationState.EMPTY);
    reservations.change(ONE, register(17, false), decisions::add);
    assertThat(decisions).last().matches(LogicalUnitReservationsTest::isAccepted);
  }

  @Test
  void aChangeThatNeedNotPersistIsNotSaved() {
    reservations.change(ONE, register(17, false), decisions::add);
    assertThat(decisions).singleElement().matches(LogicalUnitReservationsTest::isAccepted);
    assertThat(journal.waiting).isEmpty();
  }

  @Test
  void whatPersistedIsWipedWhenItNoLongerShould() {
    reservations.change(ONE, register(17, true), decisions::add);
    journal.end(true);
    reservations.change(ONE, register(18, false), decisions::add);
    journal.end(true);
    assertThat(new LogicalUnitReservations(journal).state().keys()).isEmpty();
  }

  @Test
  void aJournalThatCannotBeReadIsRefused() {
    journal.saved = new byte[] {9};
    assertThatThrownBy(() -> new LogicalUnitReservations(journal))
        .hasMessageContaining("format version 9");
  }

  @Test
  void registrationsAreBounded() {
    for (int i = 0; i < ReservationRules.MAX_REGISTRATIONS; i++) {
      NexusId nexus = new NexusId("iqn." + i + ",i,0x000000000001", 1);
      reservations.change(nexus, register(1, false), decisions::add);
    }
    assertThat(decisions).allMatch(LogicalUnitReservationsTest::isAccepted);
    reservations.change(ONE, register(1, false), decisions::add);
    assertThat(decisions).last().matches(last -> !isAccepted(last));
  }
}
