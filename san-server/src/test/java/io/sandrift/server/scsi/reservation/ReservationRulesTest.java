package io.sandrift.server.scsi.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.reservation.ReservationOutcome.Accepted;
import io.sandrift.server.scsi.reservation.ReservationRequest.ServiceAction;
import io.sandrift.server.scsi.task.NexusId;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What holds whatever initiators ask for, in any order. */
@Tag("S11")
class ReservationRulesTest {

  private record Step(NexusId nexus, ReservationRequest request) {}

  @Property(tries = 500)
  void aReservationAlwaysHasARegisteredHolder(@ForAll("histories") List<Step> history) {
    ReservationState state = ReservationState.EMPTY;
    for (Step step : history) {
      state = next(state, step);
      ReservationState now = state;
      now.reservation().ifPresent(held -> assertThat(now.keys()).containsKey(held.holder()));
    }
  }

  @Property(tries = 500)
  void theHolderMayDoEverything(@ForAll("histories") List<Step> history) {
    ReservationState state = ReservationState.EMPTY;
    for (Step step : history) {
      state = next(state, step);
      if (state.registrant(step.nexus()).map(state::isHeldBy).orElse(false)) {
        assertThat(state.allows(step.nexus(), Access.WRITE)).isTrue();
        assertThat(state.allows(step.nexus(), Access.READ)).isTrue();
      }
    }
  }

  @Property(tries = 500)
  void whoIsNotRegisteredNeverWritesUnderAReservation(@ForAll("histories") List<Step> history) {
    NexusId stranger = new NexusId("iqn.stranger,i,0x000000000000", 1);
    ReservationState state = ReservationState.EMPTY;
    for (Step step : history) {
      state = next(state, step);
      assertThat(state.allows(stranger, Access.WRITE)).isEqualTo(state.reservation().isEmpty());
    }
  }

  @Property(tries = 500)
  void theGenerationNeverGoesBack(@ForAll("histories") List<Step> history) {
    ReservationState state = ReservationState.EMPTY;
    for (Step step : history) {
      int before = state.generation();
      state = next(state, step);
      assertThat(state.generation()).isBetween(before, before + 1);
    }
  }

  private static ReservationState next(ReservationState state, Step step) {
    ReservationOutcome outcome = ReservationRules.apply(state, step.nexus(), step.request());
    return outcome instanceof Accepted accepted ? accepted.state() : state;
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<NexusId> nexuses =
        Combinators.combine(Arbitraries.of("a", "b", "c"), Arbitraries.of(1, 2))
            .as((name, port) -> new NexusId("iqn." + name + ",i,0x000000000001", port));
    Arbitrary<Long> keys = Arbitraries.of(0L, 1L, 2L);
    Arbitrary<Step> steps =
        Combinators.combine(
                nexuses,
                Arbitraries.of(ServiceAction.class),
                Arbitraries.of(ReservationType.class),
                keys,
                keys,
                Arbitraries.of(true, false),
                nexuses,
                Arbitraries.of(true, false))
            .as(
                (nexus, action, type, key, actionKey, everywhere, destination, unregister) ->
                    new Step(
                        nexus,
                        new ReservationRequest(
                            action,
                            Optional.of(type),
                            key,
                            actionKey,
                            false,
                            everywhere,
                            List.of(),
                            Optional.of(
                                new ReservationRequest.Move(
                                    Registrant.of(destination), unregister)))));
    return steps.list().ofMaxSize(40);
  }
}
