package io.sandrift.server.target;

import io.sandrift.client.DeviceUrl;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.login.Authentication;
import io.sandrift.server.login.LoginSettings;
import io.sandrift.server.scsi.disk.DiskDeviceServer;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.scsi.unit.LoneUnit;
import io.sandrift.server.session.SessionLimits;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreOptions;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.stripe.StripeLayout;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A target with one disk of 64 MiB, on a real store and a real socket. */
final class TestTarget implements AutoCloseable {

  static final String NAME = "iqn.2026-11.io.sandrift:test";

  private final ExtentStore store;
  private final ExecutorService work = Executors.newFixedThreadPool(2);
  private final TargetServer target;
  private final InetSocketAddress portal;

  private TestTarget(ExtentStore store, TargetLimits limits, Duration nopInterval)
      throws Exception {
    this.store = store;
    UUID id = UUID.randomUUID();
    StripeLayout layout = new StripeLayout(StripeLayout.DEFAULT_UNIT_BYTES, 64);
    StripedDevice device =
        new StripedDevice(layout, 64L << 20, store.replica(new VolumeId(id), layout.unitBytes()));
    DiskDeviceServer disk =
        new DiskDeviceServer(
            DiskIdentity.of(id, NAME),
            device,
            512,
            new LoneUnit().shared(),
            (type, name) -> Optional.empty(),
            work);
    PresentedTargets targets = new PresentedTargets();
    targets.publish(
        new Target(NAME, "test", "standard", Authentication.NOT_REQUIRED, NexusOpening.of(disk)));
    target =
        new TargetServer(
            targets,
            limits,
            new SessionLimits(32, 8, nopInterval, Duration.ofSeconds(10)),
            LoginSettings.DEFAULT);
    portal = target.listen(new InetSocketAddress("127.0.0.1", 0));
  }

  static TestTarget start(Path directory, TargetLimits limits, Duration nopInterval)
      throws Exception {
    return new TestTarget(ExtentStore.open(directory, StoreOptions.DEFAULT), limits, nopInterval);
  }

  static TestTarget start(Path directory, StoreOptions options) throws Exception {
    return new TestTarget(
        ExtentStore.open(directory, options), TargetLimits.DEFAULT, Duration.ofSeconds(60));
  }

  static TestTarget start(Path directory) throws Exception {
    return start(directory, TargetLimits.DEFAULT, Duration.ofSeconds(60));
  }

  TargetServer target() {
    return target;
  }

  InetSocketAddress portal() {
    return portal;
  }

  /** The disk, by way of the target's own portal. */
  DeviceUrl url() {
    return url("127.0.0.1:" + portal.getPort());
  }

  /** The disk, by way of other portals, several with commas. */
  static DeviceUrl url(String portals) {
    return DeviceUrl.parse("iscsi://" + portals + "/" + NAME + "/0");
  }

  @Override
  public void close() {
    target.close();
    store.close();
    work.shutdown();
  }
}
