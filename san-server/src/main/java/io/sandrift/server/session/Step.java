package io.sandrift.server.session;

import io.netty.channel.EventLoop;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import org.jspecify.annotations.Nullable;

/**
 * One I/O of a task, and the way back from whatever thread completes it to the session's event
 * loop.
 *
 * <p>Most I/Os end within the call that begins them. {@link #endedAtOnce} then gives the response,
 * and nothing more happens; otherwise {@link #later} runs on the event loop when the response has
 * come.
 */
abstract class Step implements ResponseListener {

  private final Task task;
  private final EventLoop eventLoop;
  private boolean isCalling = true;
  private @Nullable Response response;

  Step(Task task) {
    this.task = task;
    this.eventLoop = task.session.eventLoop();
  }

  /**
   * To be called right after the call that took this step as its listener: its response if it has
   * come, else null.
   */
  final @Nullable Response endedAtOnce() {
    isCalling = false;
    if (response == null) {
      task.ioBegan();
    }
    return response;
  }

  @Override
  public final void done(Response result) {
    // A call that begins one I/O may end others, which were waiting for the same server: their
    // answers must not go into the batch where that I/O's data are being put.
    if (!eventLoop.inEventLoop() || (!isCalling && task.session.transmitter().isRoomTaken())) {
      eventLoop.execute(() -> arrived(result));
    } else {
      arrived(result);
    }
  }

  private void arrived(Response result) {
    if (isCalling) {
      response = result;
      return;
    }
    later(result);
    task.ioEnded();
  }

  /** The I/O ended after the call that began it; the task may be over by now. */
  abstract void later(Response result);
}
