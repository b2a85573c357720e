package io.sandrift.server.scsi.sbc;

import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.ScsiStatus;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Work on many blocks, one bounded step after the other.
 *
 * <p>A step's completion may come at once, on the same thread, or later on another. Whoever finds
 * nobody in the loop enters it; a completion that finds somebody there only leaves a mark, so the
 * stack does not grow. After a few steps in a row the loop moves to the executor, so that an event
 * loop is not held up; there it queues up again behind other work after as many.
 *
 * <p>Steps and the end are sequential, though on changing threads; subclasses need no lock.
 */
public abstract class SteppedWork {

  /** How much one step should do at most. */
  public static final int STEP_BYTES = 1 << 20;

  private static final int STEPS_IN_A_ROW = 4;

  private final Executor executor;
  private final AtomicInteger marks = new AtomicInteger();
  private volatile boolean stopped;
  private @Nullable Response failure;
  private @Nullable ResponseListener listener;

  protected SteppedWork(Executor executor) {
    this.executor = executor;
  }

  /** Whether there is a step to do. */
  protected abstract boolean hasNext();

  /** Begins the next step; it ends with {@link #stepped()} or {@link #failed}, called once. */
  protected abstract void step();

  /** Nothing more will be done: frees what the work holds. */
  protected void release() {}

  /** The response when all steps are done. */
  protected Response result() {
    return Response.GOOD;
  }

  /** Begins. */
  public final void begin(ResponseListener whenDone) {
    this.listener = whenDone;
    enter();
  }

  /** Ends the work before its next step. */
  public void stop() {
    stopped = true;
  }

  /** The step under way has succeeded. */
  protected final void stepped() {
    enter();
  }

  /** The step under way has failed; it was the last. */
  protected final void failed(Response response) {
    failure = response;
    enter();
  }

  /** A completion that ends the step: succeeded on OK, else failed as {@code unit} words it. */
  protected final IoCompletion ending(BlockUnit unit, boolean writing) {
    return status -> {
      Response response = unit.response(status, writing);
      if (response.isSuccess()) {
        stepped();
      } else {
        failed(response);
      }
    };
  }

  private void enter() {
    if (marks.getAndIncrement() == 0) {
      loop();
    }
  }

  private void loop() {
    int steps = 0;
    do {
      if (failure != null) {
        end(failure);
        return;
      }
      if (stopped) {
        end(Response.of(ScsiStatus.TASK_ABORTED));
        return;
      }
      if (!hasNext()) {
        end(result());
        return;
      }
      if (steps++ == STEPS_IN_A_ROW) {
        // The mark stays set: whoever completes meanwhile keeps out until the executor is here.
        try {
          executor.execute(this::loop);
        } catch (RejectedExecutionException stopping) {
          end(Response.of(ScsiStatus.BUSY));
        }
        return;
      }
      step();
    } while (marks.decrementAndGet() != 0);
  }

  private void end(Response response) {
    release();
    if (listener != null) {
      listener.done(response);
    }
  }
}
