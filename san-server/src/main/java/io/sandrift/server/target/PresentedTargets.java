package io.sandrift.server.target;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The targets that this server presents now, by name. Safe for all threads. */
public final class PresentedTargets {

  private final ConcurrentSkipListMap<String, Target> targets = new ConcurrentSkipListMap<>();

  /** Presents a target from now on; one of the same name is replaced. */
  public void publish(Target target) {
    targets.put(target.name(), target);
  }

  /** Presents it no longer; sessions that exist go on until they are dropped. */
  public void withdraw(String name) {
    targets.remove(name);
  }

  public @Nullable Target find(String name) {
    return targets.get(name);
  }

  /** All targets, by name. */
  public List<Target> list() {
    return List.copyOf(targets.values());
  }
}
