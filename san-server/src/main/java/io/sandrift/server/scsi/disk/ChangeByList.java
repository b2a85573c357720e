package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.unit.UnitChange;
import org.jspecify.annotations.Nullable;

/** A change of what all servers share, that a parameter list asks for. For one command. */
abstract class ChangeByList<R> implements ParameterList.Action {

  private final DiskNexus nexus;
  private @Nullable PendingChange<R> pending;

  ChangeByList(DiskNexus nexus) {
    this.nexus = nexus;
  }

  /** What a list comes to: one of the two is null. */
  record Asked<R>(@Nullable UnitChange<R> change, @Nullable SenseData refusal) {}

  Asked<R> ask(UnitChange<R> change) {
    return new Asked<>(change, null);
  }

  Asked<R> refuse(SenseData sense) {
    return new Asked<>(null, sense);
  }

  /** Decodes the list. */
  abstract Asked<R> read(byte[] list);

  /** What the nexus is told of the outcome. */
  abstract Response answer(R outcome);

  @Override
  public void perform(byte[] list, ResponseListener listener) {
    Asked<R> asked = read(list);
    if (asked.refusal() != null) {
      listener.done(nexus.unit().check(asked.refusal()));
    } else if (asked.change() != null) {
      pending = new PendingChange<>(nexus.disk().shared(), asked.change(), this::answer);
      pending.begin(listener::done);
    }
  }

  @Override
  public void stop() {
    if (pending != null) {
      pending.discard();
    }
  }
}
