package io.sandrift.server.scsi.reservation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class ReservationStateCodecTest {

  @Property(tries = 200)
  void whatIsSavedIsLoaded(@ForAll("states") ReservationState state) {
    assertThat(ReservationStateCodec.decode(ReservationStateCodec.encode(state))).isEqualTo(state);
  }

  @Property(tries = 200)
  void aTruncatedStateIsRefusedAndNotMisread(
      @ForAll("states") ReservationState state, @ForAll("fractions") double fraction) {
    byte[] saved = ReservationStateCodec.encode(state);
    byte[] cut = Arrays.copyOf(saved, (int) (saved.length * fraction));
    assertThatThrownBy(() -> ReservationStateCodec.decode(cut))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNewerFormatIsRefusedWithTheVersionItNeeds() {
    assertThatThrownBy(() -> ReservationStateCodec.decode(new byte[] {2, 0, 0}))
        .hasMessageContaining("format version 2");
  }

  @Provide
  Arbitrary<Double> fractions() {
    return Arbitraries.doubles().between(0, 0.99);
  }

  @Provide
  Arbitrary<ReservationState> states() {
    Arbitrary<Map<Registrant, Long>> keys =
        Arbitraries.maps(
                Combinators.combine(
                        Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(40),
                        Arbitraries.integers().between(0, 65_535))
                    .as(Registrant::new),
                Arbitraries.longs())
            .ofMaxSize(12)
            .map(LinkedHashMap::new);
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
