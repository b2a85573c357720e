package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import java.util.Set;

/**
 * What an administrator has laid down for each server: whether it is being emptied, and what it
 * serves. Implemented by client distribution; called on any thread, and must not block.
 */
public interface Availability {

  /** Everyone takes sessions of every type of service. */
  Availability EVERYTHING =
      new Availability() {
        @Override
        public boolean isDraining(ServerId server) {
          return false;
        }

        @Override
        public Set<String> services(ServerId server) {
          return Set.of();
        }
      };

  /** Whether the server takes no new sessions. */
  boolean isDraining(ServerId server);

  /** The types of service that the server serves; empty means all. */
  Set<String> services(ServerId server);
}
