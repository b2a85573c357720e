package io.sandrift.server.admin;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Calls that reach this very server under every name, except for those that are silent. */
final class FakePeers implements PeerCalls {

  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

  /** Servers that can't be reached. */
  final Set<ServerId> silent = ConcurrentHashMap.newKeySet();

  @Override
  public CompletableFuture<byte[]> call(
      ServerId server, String topic, byte[] request, Duration deadline) {
    if (silent.contains(server)) {
      return CompletableFuture.failedFuture(
          new PeerException(PeerException.Reason.UNREACHABLE, "connection refused"));
    }
    return handlers.get(topic).handle(new ServerId("alpha"), request);
  }

  @Override
  public void serve(String topic, Handler handler) {
    if (handlers.putIfAbsent(topic, handler) != null) {
      throw new IllegalStateException(topic);
    }
  }
}
