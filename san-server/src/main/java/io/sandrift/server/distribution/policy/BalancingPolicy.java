package io.sandrift.server.distribution.policy;

import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.List;

/** An allocation policy that also moves sessions that are established. */
public interface BalancingPolicy extends AllocationPolicy {

  /**
   * Looks at the load once in each window, and says what is to be moved now; mostly nothing.
   *
   * @param service the type of service whose sessions may be moved
   */
  List<SessionMove> balance(String service, SystemLoad load, Instant now);

  /**
   * What came of a move that {@link #balance} asked for. Also told of the moves that others asked
   * for, such as an administrator or an earlier master, so that the sessions' minimum residence
   * holds for them too.
   *
   * @param now when the move ended
   */
  void moved(SessionMove move, boolean succeeded, Instant now);
}
