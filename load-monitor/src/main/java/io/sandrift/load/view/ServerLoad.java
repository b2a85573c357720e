package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Sample;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One server in a {@link SystemLoad}.
 *
 * @param server who
 * @param liveness whether it can be counted on
 * @param isDraining whether it takes no new sessions
 * @param services the types of service that it serves; empty means all
 * @param sample the last one heard; null before the first
 * @param pressure that sample's
 * @param reserved the pressure that sessions under way to it will add: a reservation counts here
 *     until a sample that includes the session has come
 * @param heardAt when the sample arrived, by this server's clock; the epoch before the first
 */
public record ServerLoad(
    ServerId server,
    Liveness liveness,
    boolean isDraining,
    Set<String> services,
    @Nullable Sample sample,
    Pressure pressure,
    double reserved,
    Instant heardAt) {

  public ServerLoad {
    Objects.requireNonNull(server, "server");
    services = Set.copyOf(services);
  }

  /** Its pressure as it will be when those that are under way have arrived. */
  public double predicted() {
    return pressure.value() + reserved;
  }

  /** Whether a new session of a type of service may be sent there. */
  public boolean admits(String service) {
    return liveness == Liveness.ALIVE && !isDraining && serves(service);
  }

  /** Whether it serves a type of service at all. */
  public boolean serves(String service) {
    return services.isEmpty() || services.contains(service);
  }

  /** How many sessions it had at its last sample. */
  public int sessions() {
    return sample == null ? 0 : sample.sessions();
  }
}
