package io.sandrift.server.node;

import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.volume.catalog.Volume;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;

/** Presents volumes as iSCSI targets. */
final class IscsiPresentation implements Presentation {

  private final List<HostPort> portals = new CopyOnWriteArrayList<>();

  IscsiPresentation(NodeSettings settings, CuratorFramework zookeeper) {}

  @Override
  public HostPort listen(HostPort portal) {
    portals.add(portal);
    return portal;
  }

  @Override
  public void present(Volume volume, StripedDevice device) {}

  @Override
  public void grown(Volume volume) {}

  @Override
  public CompletableFuture<Void> withdraw(Volume volume) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public int sessions(Volume volume) {
    return 0;
  }

  @Override
  public List<String> urls(Volume volume) {
    return portals.stream()
        .map(portal -> "iscsi://" + portal + "/" + volume.name().targetName() + "/0")
        .toList();
  }

  @Override
  public void close() {}
}
