package io.sandrift.server.scsi.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.reservation.Reservation;
import io.sandrift.server.scsi.reservation.ReservationState;
import io.sandrift.server.scsi.reservation.ReservationType;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class UnitStateCodecTest {

  private static final NexusId NEXUS = new NexusId("iqn.one,i,0x000000000001", 1);

  @Property(tries = 200)
  void whatIsSavedIsLoaded(@ForAll("states") UnitState state) {
    assertThat(UnitStateCodec.decode(UnitStateCodec.encode(state))).isEqualTo(state);
  }

  @Property(tries = 200)
  void aTruncatedStateIsRefusedAndNotMisread(
      @ForAll("states") UnitState state, @ForAll("fractions") double fraction) {
    byte[] saved = UnitStateCodec.encode(state);
    byte[] cut = Arrays.copyOf(saved, (int) (saved.length * fraction));
    assertThatThrownBy(() -> UnitStateCodec.decode(cut))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNewerFormatIsRefusedWithTheVersionItNeeds() {
    assertThatThrownBy(() -> UnitStateCodec.decode(new byte[] {2, 0, 0}))
        .hasMessageContaining("format version 2");
  }

  @Provide
  Arbitrary<Double> fractions() {
    return Arbitraries.doubles().between(0, 0.99);
  }

  @Provide
  Arbitrary<UnitState> states() {
    return Combinators.combine(
            reservations(),
            Arbitraries.of(
                Optional.<SimpleReservation>empty(),
                Optional.of(new SimpleReservation(NEXUS, "server-1", -5))),
            Arbitraries.of(
                ModeParameters.DEFAULT,
                new ModeParameters(false, true, false),
                new ModeParameters(true, false, true)),
            events().list().ofMaxSize(5),
            Arbitraries.of(
                Map.<NexusId, Set<AdditionalSense>>of(),
                Map.of(NEXUS, Set.of(AdditionalSense.RESERVATIONS_PREEMPTED))),
            Arbitraries.longs())
        .as(
            (reservations, reserved, mode, events, owed, number) ->
                new UnitState(number, ~number, reservations, reserved, mode, events, 3, owed));
  }

  private static Arbitrary<UnitEvent> events() {
    return Combinators.combine(
            Arbitraries.longs(),
            Arbitraries.of(
                Optional.<AdditionalSense>empty(),
                Optional.of(AdditionalSense.MODE_PARAMETERS_CHANGED)),
            registrants().set().ofMaxSize(4),
            Arbitraries.of(true, false),
            Arbitraries.of(Optional.<NexusId>empty(), Optional.of(NEXUS)),
            Arbitraries.of(true, false))
        .as(UnitEvent::new);
  }

  private static Arbitrary<Registrant> registrants() {
    return Combinators.combine(
            Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(40),
            Arbitraries.integers().between(0, 65_535))
        .as(Registrant::new);
  }

  private static Arbitrary<ReservationState> reservations() {
    Arbitrary<Map<Registrant, Long>> keys =
        Arbitraries.maps(registrants(), Arbitraries.longs()).ofMaxSize(12).map(LinkedHashMap::new);
    return Combinators.combine(
            keys,
            Arbitraries.integers(),
            Arbitraries.of(true, false),
            Arbitraries.of(ReservationType.class).injectNull(0.3),
            Arbitraries.integers().between(0, 11))
        .as(
            (registered, generation, persists, type, holder) -> {
              List<Registrant> all = List.copyOf(registered.keySet());
              Optional<Reservation> reservation =
                  type == null || all.isEmpty()
                      ? Optional.empty()
                      : Optional.of(new Reservation(all.get(holder % all.size()), type));
              return new ReservationState(generation, persists, registered, reservation);
            });
  }
}
