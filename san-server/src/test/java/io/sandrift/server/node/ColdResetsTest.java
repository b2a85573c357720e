package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Servers a, b and c; b can't be reached. */
class ColdResetsTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final ServerId C = new ServerId("c");

  private final Map<ServerId, PeerCalls.Handler> handlers = new TreeMap<>();
  private final List<String> dropped = new ArrayList<>();

  @Test
  void aTargetIsResetAtEveryOtherServerThatIsReached() {
    ColdResets atA = resets(A);
    resets(C);
    atA.tell("iqn.2026-11.io.sandrift:v");
    assertThat(dropped).containsExactly("iqn.2026-11.io.sandrift:v at c");
  }

  private ColdResets resets(ServerId self) {
    ColdResets resets = new ColdResets(self, () -> List.of(A, B, C), new Calls(self));
    resets.hear(
        target -> {
          dropped.add(target + " at " + self);
          return CompletableFuture.completedFuture(null);
        });
    return resets;
  }

  private final class Calls implements PeerCalls {

    private final ServerId self;

    Calls(ServerId self) {
      this.self = self;
    }

    @Override
    public CompletableFuture<byte[]> call(
        ServerId server, String topic, byte[] request, Duration deadline) {
      Handler handler = handlers.get(server);
      return handler == null
          ? CompletableFuture.failedFuture(
              new PeerException(PeerException.Reason.UNREACHABLE, "away"))
          : handler.handle(self, request);
    }

    @Override
    public void serve(String topic, Handler handler) {
      handlers.put(self, handler);
    }
  }
}
