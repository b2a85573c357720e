package io.sandrift.server.node;

import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.settings.HostPort;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Presents volumes to the test. */
final class FakePresentation implements Presentation {

  final Map<VolumeId, StripedDevice> devices = new ConcurrentHashMap<>();

  @Override
  public HostPort listen(HostPort portal) {
    return portal;
  }

  @Override
  public void present(Volume volume, ClusterVolume opened) {
    devices.put(volume.id(), opened.device());
  }

  @Override
  public void grown(Volume volume) {}

  @Override
  public CompletableFuture<Void> withdraw(Volume volume) {
    devices.remove(volume.id());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public int sessions(Volume volume) {
    return 0;
  }

  @Override
  public List<String> urls(Volume volume) {
    return List.of("iscsi://127.0.0.1:3260/" + volume.name().targetName() + "/0");
  }

  @Override
  public void close() {}
}
