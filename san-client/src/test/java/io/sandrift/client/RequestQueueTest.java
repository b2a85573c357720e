package io.sandrift.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestQueueTest {

  private static final CommandAnswer GOOD = new CommandAnswer(0x00, SenseText.NONE);
  private static final CommandAnswer BUSY = new CommandAnswer(0x08, SenseText.NONE);
  private static final CommandAnswer CONFLICT = new CommandAnswer(0x18, SenseText.NONE);
  private static final CommandAnswer ATTENTION =
      new CommandAnswer(0x02, new SenseText(SenseText.UNIT_ATTENTION, 0x2900));

  private final RequestQueue queue = new RequestQueue(2);
  private int lastTag;

  @Test
  void noMoreRequestsAreUnderWayThanTheDepthAllows() {
    add();
    add();
    add();

    send();
    send();

    assertThat(queue.poll()).isNull();
  }

  @Test
  void anAnswerMakesRoomForTheNextRequest() {
    add();
    add();
    ScsiRequest third = add();
    ScsiRequest first = send();
    send();

    queue.answered(first, GOOD);

    assertThat(first.outcome).isCompletedWithValue(0);
    assertThat(queue.poll()).isSameAs(third);
  }

  @Test
  void afterAUnitAttentionTheRequestIsTheNextToBeSent() {
    ScsiRequest first = add();
    add();
    send();

    queue.answered(first, ATTENTION);

    assertThat(first.outcome).isNotDone();
    assertThat(queue.poll()).isSameAs(first);
  }

  @Test
  void aBusyTargetIsLeftInPeaceForAMoment() {
    ScsiRequest request = add();
    send();

    queue.answered(request, BUSY);

    assertThat(queue.poll()).isNull();
    assertThat(request.isTooEarly(request.notBeforeNanos - 1)).isTrue();
    assertThat(request.isTooEarly(request.notBeforeNanos)).isFalse();
  }

  @Test
  void whatAlwaysAsksForAnotherTryFailsInTheEnd() {
    ScsiRequest request = add();

    for (int tries = 0; tries < 100 && !request.outcome.isDone(); tries++) {
      queue.answered(send(), ATTENTION);
    }

    assertThatThrownBy(request.outcome::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(ScsiException.class);
  }

  @Test
  void aReservationConflictIsNotTriedAgain() {
    ScsiRequest request = add();
    send();

    queue.answered(request, CONFLICT);

    assertThat(request.outcome).isCompletedExceptionally();
    assertThat(queue.isIdle()).isTrue();
  }

  @Test
  void whatTheLostSessionLeftIsSentFirstInItsOldOrder() {
    ScsiRequest first = add();
    ScsiRequest second = add();
    ScsiRequest third = add();
    send();
    send();

    queue.requeue();

    assertThat(queue.isIdle()).isTrue();
    assertThat(send()).isSameAs(first);
    assertThat(send()).isSameAs(second);
    queue.answered(first, GOOD);
    assertThat(send()).isSameAs(third);
  }

  @Test
  void aLateRequestFailsAndTheCallerLearnsIfTheTargetHasIt() {
    ScsiRequest sent = add();
    send();
    ScsiRequest waiting = add();

    assertThat(queue.expire(waiting.deadlineNanos + 1, "too late")).isTrue();

    assertThat(sent.outcome).isCompletedExceptionally();
    assertThat(waiting.outcome).isCompletedExceptionally();
    assertThat(queue.expire(waiting.deadlineNanos + 1, "too late")).isFalse();
  }

  @Test
  void aClosedDeviceFailsAllItsRequests() {
    ScsiRequest sent = add();
    send();
    ScsiRequest waiting = add();

    queue.failAll("closed");

    assertThat(sent.outcome).isCompletedExceptionally();
    assertThat(waiting.outcome).isCompletedExceptionally();
    assertThat(queue.poll()).isNull();
  }

  private ScsiRequest add() {
    long deadline = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    ScsiRequest request = ScsiRequest.plain(new byte[16], deadline);
    queue.add(request);
    return request;
  }

  private ScsiRequest send() {
    ScsiRequest request = queue.poll();
    assertThat(request).isNotNull();
    queue.sent(request, ++lastTag);
    return request;
  }
}
