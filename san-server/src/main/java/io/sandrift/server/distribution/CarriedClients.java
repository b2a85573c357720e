package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Whose connections they are that one server carries to another, so that rules by network judge the
 * client and not the server between. The server that carries says so between servers, where it has
 * proven that it is one, before the first byte goes out; a client can't say it of itself.
 *
 * <p>Safe for all threads.
 */
final class CarriedClients {

  /** The client's first request follows at once. */
  private static final Duration VALID = Duration.ofSeconds(10);

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);
  private static final int MOST = 10_000;

  private final Surroundings surroundings;
  private final Mesh mesh;
  private final Clock clock;

  /** Guarded by itself. */
  private final Map<InetSocketAddress, Client> clients = Bounded.map(MOST);

  private record Client(InetAddress address, Instant expires) {}

  CarriedClients(Surroundings surroundings, Mesh mesh, Clock clock) {
    this.surroundings = surroundings;
    this.mesh = mesh;
    this.clock = clock;
    mesh.serve(
        Wire.CARRIES,
        Wire.Carries.class,
        (from, news) -> CompletableFuture.completedFuture(remember(news)));
  }

  /** As {@link io.sandrift.server.target.ClientDistribution#carries}. */
  CompletableFuture<Void> tell(TargetAddress to, InetSocketAddress connection, InetAddress client) {
    Optional<ServerId> destination =
        surroundings.members().stream()
            .filter(server -> surroundings.portal(server).filter(to::equals).isPresent())
            .findFirst();
    if (destination.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    Wire.Carries news =
        new Wire.Carries(
            connection.getAddress().getHostAddress(),
            connection.getPort(),
            client.getHostAddress());
    return mesh.ask(destination.get(), Wire.CARRIES, news, Wire.Done.class, ANSWER_LIMIT)
        .handle((done, failure) -> null);
  }

  /** Where the client of a connection is; forgotten once it was asked for. */
  InetAddress of(InetSocketAddress connection) {
    Client found;
    synchronized (clients) {
      found = clients.remove(connection);
    }
    return found == null || found.expires().isBefore(clock.instant())
        ? connection.getAddress()
        : found.address();
  }

  private Wire.Done remember(Wire.Carries news) {
    try {
      InetSocketAddress connection = new InetSocketAddress(numeric(news.host()), news.port());
      Client client = new Client(numeric(news.client()), clock.instant().plus(VALID));
      synchronized (clients) {
        clients.put(connection, client);
      }
      return Wire.Done.OK;
    } catch (UnknownHostException | IllegalArgumentException e) {
      return new Wire.Done(false, "no address: " + e.getMessage());
    }
  }

  /** Never asks a name server: only digits, and what IPv6 has besides, are an address. */
  private static InetAddress numeric(String address) throws UnknownHostException {
    if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[\\w.-]+)?")) {
      throw new UnknownHostException(address);
    }
    return InetAddress.getByName(address);
  }
}
