package io.sandrift.server.scsi.disk;

import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.server.scsi.unit.UnitChange;
import io.sandrift.server.scsi.unit.UnitChanges.Outcome;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A command that changes what all servers share, on its way. An abort ends it for the nexus at
 * once, as it has no I/O under way: two nexuses that preempt each other don't wait for each other.
 * The change itself may still be made.
 */
final class PendingChange<R> implements Execution.Later {

  private final SharedUnit unit;
  private final UnitChange<R> change;
  private final Function<R, Response> answer;
  private final AtomicReference<@Nullable Consumer<Response>> waiting = new AtomicReference<>();

  /**
   * @param answer what the nexus is told of the change's outcome
   */
  PendingChange(SharedUnit unit, UnitChange<R> change, Function<R, Response> answer) {
    this.unit = unit;
    this.change = change;
    this.answer = answer;
  }

  @Override
  public void start(Execution.DataListener listener) {
    begin(response -> listener.done(response, Unpooled.EMPTY_BUFFER));
  }

  /** Makes the change; the listener is called exactly once. */
  void begin(Consumer<Response> listener) {
    waiting.set(listener);
    unit.change(change, outcome -> end(response(outcome)));
  }

  @Override
  public void discard() {
    end(Response.of(ScsiStatus.BUSY));
  }

  private Response response(Outcome<R> outcome) {
    return outcome instanceof Outcome.Made<R> made
        ? answer.apply(made.answer())
        : Response.of(ScsiStatus.BUSY);
  }

  private void end(Response response) {
    Consumer<Response> listener = waiting.getAndSet(null);
    if (listener != null) {
      listener.accept(response);
    }
  }
}
