package io.sandrift.server.node;

import io.sandrift.server.admin.Coordination;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.jspecify.annotations.Nullable;

/** Knows since when ZooKeeper is away. Curator's thread tells, any thread may ask. */
final class ZooKeeperLink implements Coordination, AutoCloseable {

  private final CuratorFramework zookeeper;
  private final String connectString;
  private final InstantSource clock;
  private final ConnectionStateListener listener = this::changed;
  private volatile @Nullable Instant awaySince;

  /**
   * @param zookeeper connected
   */
  ZooKeeperLink(CuratorFramework zookeeper, String connectString, InstantSource clock) {
    this.zookeeper = zookeeper;
    this.connectString = connectString;
    this.clock = clock;
    zookeeper.getConnectionStateListenable().addListener(listener);
  }

  @Override
  public String connectString() {
    return connectString;
  }

  @Override
  public Optional<Instant> awaySince() {
    return Optional.ofNullable(awaySince);
  }

  @Override
  public void close() {
    zookeeper.getConnectionStateListenable().removeListener(listener);
  }

  private void changed(CuratorFramework client, ConnectionState state) {
    if (state.isConnected()) {
      awaySince = null;
    } else if (awaySince == null) {
      awaySince = clock.instant();
    }
  }
}
