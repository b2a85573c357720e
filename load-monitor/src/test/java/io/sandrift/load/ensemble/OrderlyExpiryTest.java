package io.sandrift.load.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.junit.jupiter.api.Test;

class OrderlyExpiryTest {

  private final List<KeeperState> heard = new ArrayList<>();
  private final OrderlyExpiry.Orderly watcher =
      new OrderlyExpiry.Orderly(event -> heard.add(event.getState()));

  @Test
  void anExpiryWithoutADisconnectionGetsOne() {
    tell(KeeperState.SyncConnected, KeeperState.Expired);
    assertThat(heard)
        .containsExactly(KeeperState.SyncConnected, KeeperState.Disconnected, KeeperState.Expired);
  }

  @Test
  void anExpiryAfterADisconnectionIsLeftAsItIs() {
    tell(KeeperState.SyncConnected, KeeperState.Disconnected, KeeperState.Expired);
    assertThat(heard)
        .containsExactly(KeeperState.SyncConnected, KeeperState.Disconnected, KeeperState.Expired);
  }

  @Test
  void aChangedNodeIsNoWordOnTheConnection() {
    tell(KeeperState.SyncConnected);
    watcher.process(new WatchedEvent(EventType.NodeDataChanged, KeeperState.SyncConnected, "/a"));
    tell(KeeperState.Expired);
    assertThat(heard).endsWith(KeeperState.Disconnected, KeeperState.Expired);
  }

  private void tell(KeeperState... states) {
    for (KeeperState state : states) {
      watcher.process(new WatchedEvent(EventType.None, state, null));
    }
  }
}
