package io.sandrift.server.scsi.unit;

/** The unit of a server that has no others to agree with, and can be cut off from itself. */
public final class LoneUnit implements UnitChanges {

  private final SharedUnit shared = new SharedUnit("lone", 1, this, () -> 1);
  private boolean isCutOff;

  public LoneUnit() {
    this(UnitState.INITIAL);
  }

  private LoneUnit(UnitState state) {
    shared.takeOver(state);
    shared.settle(state.revision());
    shared.sureUnder(1);
  }

  public SharedUnit shared() {
    return shared;
  }

  /** Whether no change can be made. */
  public void isCutOff(boolean newValue) {
    isCutOff = newValue;
  }

  /** The unit as it is when its power was off in between. */
  public LoneUnit afterPowerLoss() {
    UnitState now = shared.latest();
    return new LoneUnit(UnitRules.loseEverythingVolatile().from(now).next().orElse(now));
  }

  @Override
  public <R> void submit(SharedUnit unit, UnitChange<R> change, Listener<R> listener) {
    if (isCutOff) {
      listener.done(new Outcome.Busy<>());
      return;
    }
    UnitChange.Step<R> step = change.from(unit.latest());
    step.next()
        .ifPresentOrElse(
            next ->
                unit.takeOver(next)
                    .thenRun(
                        () -> {
                          unit.settle(next.revision());
                          listener.done(new Outcome.Made<>(step.answer()));
                        }),
            () -> listener.done(new Outcome.Made<>(step.answer())));
  }
}
