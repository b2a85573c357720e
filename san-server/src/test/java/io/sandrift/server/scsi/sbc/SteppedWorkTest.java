package io.sandrift.server.scsi.sbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class SteppedWorkTest {

  /** Steps that end when they are told to, or at once. */
  private static class Steps extends SteppedWork {
    final Queue<Runnable> pending = new ArrayDeque<>();
    final boolean atOnce;
    int left;
    int releases;

    Steps(Executor executor, int steps, boolean atOnce) {
      super(executor);
      this.left = steps;
      this.atOnce = atOnce;
    }

    @Override
    protected boolean hasNext() {
      return left > 0;
    }

    @Override
    protected void step() {
      left--;
      if (atOnce) {
        stepped();
      } else {
        pending.add(this::stepped);
      }
    }

    @Override
    protected void release() {
      releases++;
    }
  }

  private final List<Response> responses = new ArrayList<>();
  private final Queue<Runnable> executor = new ArrayDeque<>();

  private void drain() {
    for (Runnable next = executor.poll(); next != null; next = executor.poll()) {
      next.run();
    }
  }

  @Test
  void aMillionStepsThatEndAtOnceNeitherOverflowTheStackNorStayOnTheCaller() {
    Steps work = new Steps(executor::add, 1_000_000, true);
    work.begin(responses::add);
    assertThat(responses).isEmpty();
    assertThat(work.left).isGreaterThan(999_990);
    drain();
    assertThat(responses).containsExactly(Response.GOOD);
    assertThat(work.releases).isEqualTo(1);
  }

  @Test
  void aStepWaitsForTheOneBefore() {
    Steps work = new Steps(executor::add, 3, false);
    work.begin(responses::add);
    assertThat(work.pending).hasSize(1);
    work.pending.remove().run();
    assertThat(work.pending).hasSize(1);
    work.pending.remove().run();
    work.pending.remove().run();
    assertThat(responses).containsExactly(Response.GOOD);
  }

  @Test
  void stoppedWorkEndsBeforeItsNextStepAndReleasesOnce() {
    Steps work = new Steps(executor::add, 3, false);
    work.begin(responses::add);
    work.stop();
    assertThat(responses).isEmpty();
    work.pending.remove().run();
    assertThat(responses).extracting(Response::status).containsExactly(ScsiStatus.TASK_ABORTED);
    assertThat(work.left).isEqualTo(2);
    assertThat(work.releases).isEqualTo(1);
  }

  @Test
  void aFailedStepIsTheLast() {
    Steps work =
        new Steps(executor::add, 3, true) {
          @Override
          protected void step() {
            left--;
            failed(Response.of(ScsiStatus.BUSY));
          }
        };
    work.begin(responses::add);
    assertThat(responses).extracting(Response::status).containsExactly(ScsiStatus.BUSY);
    assertThat(work.left).isEqualTo(2);
  }

  @Test
  void anExecutorThatTakesNoMoreIsBusy() {
    Executor full =
        task -> {
          throw new RejectedExecutionException();
        };
    new Steps(full, 100, true).begin(responses::add);
    assertThat(responses).extracting(Response::status).containsExactly(ScsiStatus.BUSY);
  }

  @Test
  void completionsOnOtherThreadsLoseNoStep() throws Exception {
    ExecutorService others = Executors.newFixedThreadPool(3);
    CompletableFuture<Response> ended = new CompletableFuture<>();
    try {
      Steps work =
          new Steps(others, 20_000, false) {
            @Override
            protected void step() {
              left--;
              others.execute(this::stepped);
            }
          };
      work.begin(ended::complete);
      assertThat(ended.get(20, TimeUnit.SECONDS)).isSameAs(Response.GOOD);
      assertThat(work.left).isZero();
    } finally {
      others.shutdown();
      assertThat(others.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
