package io.sandrift.load.ensemble;

import org.apache.curator.utils.ConfigurableZookeeperFactory;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * Makes ZooKeeper handles that never say <em>expired</em> without having said <em>disconnected</em>
 * before it. To be given to every Curator client.
 *
 * <p>A process that was stopped for longer than its session hears of the expiry as the first thing
 * when it goes on: its client has found no connection lost. Curator closes the old handle and opens
 * a new one then; with 5.9.0 the new handle's "connected" may overtake the old one's "expired" in
 * its books, and with no disconnection between them Curator takes itself for disconnected from then
 * on. The missing event in its place keeps the order that Curator counts on.
 */
public final class OrderlyExpiry implements ZookeeperFactory {

  private final ZookeeperFactory handles = new ConfigurableZookeeperFactory();

  @Override
  public ZooKeeper newZooKeeper(
      String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly)
      throws Exception {
    return handles.newZooKeeper(connectString, sessionTimeout, new Orderly(watcher), canBeReadOnly);
  }

  @Override
  public ZooKeeper newZooKeeper(
      String connectString,
      int sessionTimeout,
      Watcher watcher,
      boolean canBeReadOnly,
      ZKClientConfig configuration)
      throws Exception {
    return handles.newZooKeeper(
        connectString, sessionTimeout, new Orderly(watcher), canBeReadOnly, configuration);
  }

  /** One handle's events, in order. Called on that handle's event thread alone. */
  static final class Orderly implements Watcher {

    private final Watcher watcher;
    private boolean isConnected;

    Orderly(Watcher watcher) {
      this.watcher = watcher;
    }

    @Override
    public void process(WatchedEvent event) {
      if (event.getType() == EventType.None) {
        if (event.getState() == KeeperState.Expired && isConnected) {
          watcher.process(
              new WatchedEvent(EventType.None, KeeperState.Disconnected, event.getPath()));
        }
        isConnected =
            event.getState() == KeeperState.SyncConnected
                || event.getState() == KeeperState.ConnectedReadOnly
                || (isConnected && event.getState() == KeeperState.SaslAuthenticated);
      }
      watcher.process(event);
    }
  }
}
