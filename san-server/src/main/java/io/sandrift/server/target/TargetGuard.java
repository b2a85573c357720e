package io.sandrift.server.target;

import io.sandrift.server.login.Authentication;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who may see and use which target. Asked at each login and each SendTargets, on the connection's
 * event loop: must not block.
 */
public interface TargetGuard {

  /** Lets everybody in who proves what the target itself asks for. */
  TargetGuard NONE =
      new TargetGuard() {
        @Override
        public boolean admits(Target target, String initiator, InetAddress from) {
          return true;
        }

        @Override
        public Authentication authentication(Target target) {
          return target.authentication();
        }
      };

  /**
   * Whether this initiator may see the target, and log in once it has proven what it has to.
   *
   * @param from where its connection comes from
   */
  boolean admits(Target target, String initiator, InetAddress from);

  /** What it has to prove; null if that can't be known now, so that nobody may log in. */
  @Nullable Authentication authentication(Target target);
}
