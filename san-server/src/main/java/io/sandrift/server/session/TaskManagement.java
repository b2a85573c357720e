package io.sandrift.server.session;

import io.sandrift.iscsi.pdu.TaskManagementRequest;
import io.sandrift.iscsi.pdu.TaskManagementResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Carries out a session's task management requests (RFC 7143 clause 11.5). A function is complete,
 * and answered, when none of the I/O that it ended is under way any more. Confined to the session's
 * event loop.
 */
final class TaskManagement {

  private final Session session;
  private final TaskSet tasks;

  TaskManagement(Session session, TaskSet tasks) {
    this.session = session;
    this.tasks = tasks;
  }

  void receive(TaskManagementRequest pdu) {
    switch (pdu.function()) {
      case TaskManagementRequest.ABORT_TASK -> abortTask(pdu);
      case TaskManagementRequest.ABORT_TASK_SET, TaskManagementRequest.CLEAR_TASK_SET -> {
        // The task set is this nexus's own (TST 001b), so that clearing it is aborting it.
        if (pdu.lun() == 0) {
          session.abort(tasks.all(), () -> answer(pdu, TaskManagementResponse.FUNCTION_COMPLETE));
        } else {
          answer(pdu, TaskManagementResponse.LUN_DOES_NOT_EXIST);
        }
      }
      case TaskManagementRequest.LOGICAL_UNIT_RESET -> {
        if (pdu.lun() == 0) {
          reset(pdu, false);
        } else {
          answer(pdu, TaskManagementResponse.LUN_DOES_NOT_EXIST);
        }
      }
      case TaskManagementRequest.TARGET_WARM_RESET, TaskManagementRequest.TARGET_COLD_RESET ->
          reset(pdu, true);
      case TaskManagementRequest.TASK_REASSIGN ->
          answer(pdu, TaskManagementResponse.REASSIGNMENT_NOT_SUPPORTED);
      default -> answer(pdu, TaskManagementResponse.FUNCTION_NOT_SUPPORTED);
    }
  }

  private void abortTask(TaskManagementRequest pdu) {
    Task task = tasks.get(pdu.referencedTaskTag());
    if (task == null || task.command.lun() != pdu.lun()) {
      answer(pdu, TaskManagementResponse.TASK_DOES_NOT_EXIST);
    } else {
      session.abort(List.of(task), () -> answer(pdu, TaskManagementResponse.FUNCTION_COMPLETE));
    }
  }

  private void reset(TaskManagementRequest pdu, boolean isTarget) {
    CompletableFuture<Boolean> others = session.device().reset(session.nexus());
    // Our own at once: what the initiator sends after its reset is not to be caught by it.
    session.abort(
        tasks.all(),
        () ->
            others.whenComplete(
                (done, failure) -> {
                  boolean isDone = failure == null && done;
                  if (session.eventLoop().inEventLoop()) {
                    wasReset(pdu, isTarget, isDone);
                  } else {
                    session.eventLoop().execute(() -> wasReset(pdu, isTarget, isDone));
                  }
                }));
  }

  private void wasReset(TaskManagementRequest pdu, boolean isTarget, boolean isDone) {
    answer(
        pdu,
        isDone
            ? TaskManagementResponse.FUNCTION_COMPLETE
            : TaskManagementResponse.FUNCTION_REJECTED);
    if (isTarget && isDone) {
      session.transmitter().flush();
      session
          .owner()
          .targetReset(session, pdu.function() == TaskManagementRequest.TARGET_COLD_RESET);
    }
  }

  private void answer(TaskManagementRequest pdu, int response) {
    if (session.isOpen()) {
      session
          .transmitter()
          .send(
              new TaskManagementResponse(
                  response,
                  pdu.initiatorTaskTag(),
                  session.takeStatSn(),
                  session.window().expCmdSn(),
                  session.window().maxCmdSn()));
    }
  }
}
