package io.sandrift.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.iscsi.text.TargetAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I11")
class PortalChoiceTest {

  private static final TargetAddress A = new TargetAddress("a", 3260);
  private static final TargetAddress B = new TargetAddress("b", 3260);
  private static final TargetAddress C = new TargetAddress("c", 3260);

  @Test
  void portalsAreTriedInTheirOrderAgainAndAgain() {
    PortalChoice choice = new PortalChoice(List.of(A, B), 4);
    assertThat(List.of(choice.begin(), choice.begin(), choice.begin())).containsExactly(A, B, A);
  }

  @Test
  void aPortalThatWorkedIsTheFirstNextTime() {
    PortalChoice choice = new PortalChoice(List.of(A, B), 4);
    choice.begin();
    choice.begin();
    choice.succeeded();
    assertThat(choice.begin()).isEqualTo(B);
  }

  @Test
  void aTemporaryRedirectionChangesNothingForTheNextAttempt() {
    PortalChoice choice = new PortalChoice(List.of(A), 4);
    choice.begin();
    assertThat(choice.redirected(C, false)).isEqualTo(C);
    choice.succeeded();
    assertThat(choice.begin()).isEqualTo(A);
  }

  @Test
  void aPermanentRedirectionTakesTheAddressesPlace() {
    PortalChoice choice = new PortalChoice(List.of(A, B), 4);
    choice.begin();
    choice.redirected(C, true);
    choice.succeeded();
    assertThat(List.of(choice.begin(), choice.begin(), choice.begin())).containsExactly(C, B, C);
  }

  @Test
  void aChainThatComesBackIsNotFollowed() {
    PortalChoice choice = new PortalChoice(List.of(A), 4);
    choice.begin();
    choice.redirected(B, false);
    assertThat(choice.redirected(A, false)).isNull();
  }

  @Test
  void aChainIsFollowedUpToItsLimit() {
    PortalChoice choice = new PortalChoice(List.of(A), 2);
    choice.begin();
    assertThat(choice.redirected(B, false)).isNotNull();
    assertThat(choice.redirected(C, false)).isNotNull();
    assertThat(choice.redirected(new TargetAddress("d", 3260), false)).isNull();
  }

  @Test
  void aNewAttemptHasAChainOfItsOwn() {
    PortalChoice choice = new PortalChoice(List.of(A), 1);
    choice.begin();
    choice.redirected(B, false);
    choice.begin();
    assertThat(choice.redirected(B, false)).isEqualTo(B);
  }

  @Test
  void thePortalGroupTagOfARedirectionSaysNothingAboutWhereToGo() {
    PortalChoice choice = new PortalChoice(List.of(A), 4);
    choice.begin();
    assertThat(choice.redirected(new TargetAddress("a", 3260, 7), false)).isNull();
  }
}
