package io.sandrift.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.iscsi.pdu.BasicHeader;
import org.junit.jupiter.api.Test;

class SessionNumbersTest {

  private final SessionNumbers numbers = new SessionNumbers();

  @Test
  void commandsAreTakenUpToTheWindowsEnd() {
    numbers.begin(10, 11, 1);

    assertThat(numbers.takeCmdSn()).isEqualTo(10);
    assertThat(numbers.takeCmdSn()).isEqualTo(11);

    assertThat(numbers.isWindowOpen()).isFalse();
  }

  @Test
  void aWindowThatGoesBackSaysNothing() {
    numbers.begin(10, 20, 1);

    numbers.window(10, 9);

    assertThat(numbers.isWindowOpen()).isTrue();
  }

  @Test
  void aWindowThatEndsBeforeItBeginsSaysNothing() {
    numbers.begin(10, 9, 1);

    numbers.window(20, 15);

    assertThat(numbers.isWindowOpen()).isFalse();
  }

  @Test
  void theWindowGoesOnWhereNumbersWrap() {
    numbers.begin(Integer.MAX_VALUE, Integer.MAX_VALUE, 1);
    numbers.takeCmdSn();
    assertThat(numbers.isWindowOpen()).isFalse();

    numbers.window(Integer.MIN_VALUE, Integer.MIN_VALUE + 7);

    assertThat(numbers.isWindowOpen()).isTrue();
    assertThat(numbers.cmdSn()).isEqualTo(Integer.MIN_VALUE);
  }

  @Test
  void theNextStatusIsTheOneAfterTheLast() {
    numbers.begin(1, 1, 7);
    assertThat(numbers.expStatSn()).isEqualTo(7);

    numbers.status(7);

    assertThat(numbers.expStatSn()).isEqualTo(8);
  }

  @Test
  void noTaskHasTheReservedTag() {
    for (int i = 0; i < 3; i++) {
      assertThat(numbers.nextTag()).isNotEqualTo(BasicHeader.RESERVED_TAG);
    }
  }
}
