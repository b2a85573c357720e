package io.sandrift.server.scsi.disk;

import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.copy.DiskDirectory;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.scsi.unit.LoneUnit;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.Optional;
import java.util.UUID;

/** A disk in memory: 512-byte blocks, units of 64 KiB, 4 MiB in all. */
final class TestDisk {

  static final int BLOCK = 512;
  static final int UNIT = 65_536;
  static final long BYTES = 4L << 20;
  static final long BLOCKS = BYTES / BLOCK;

  final MemoryReplica replica = new MemoryReplica(UNIT);
  final StripedDevice device = new StripedDevice(new StripeLayout(UNIT, 4), BYTES, replica);
  final LoneUnit unit;
  final DiskDeviceServer server;
  final Initiator initiator;

  TestDisk() {
    this(new LoneUnit(), (type, designator) -> Optional.empty());
  }

  TestDisk(LoneUnit unit, DiskDirectory directory) {
    this.unit = unit;
    this.server =
        new DiskDeviceServer(
            DiskIdentity.of(UUID.randomUUID(), "iqn.2026-11.io.sandrift:test"),
            device,
            BLOCK,
            unit.shared(),
            directory,
            Runnable::run);
    this.initiator = new Initiator(server, "one");
  }
}
