package io.sandrift.server.admin;

import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeListener;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** A catalog in memory, all of whose volumes are served at once. */
final class FakeVolumes implements VolumeCatalog, ServedVolumes {

  private final Map<VolumeName, Volume> volumes = new ConcurrentSkipListMap<>();

  /** What {@link #served} says of every volume. */
  volatile int sessions;

  /** If set, every call of the catalog throws it. */
  volatile RuntimeException failure;

  @Override
  public Creation create(VolumeSpec spec) {
    check();
    Volume made = new Volume(VolumeId.random(), spec, Instant.parse("2026-11-21T00:00:00Z"), 0);
    Volume before = volumes.putIfAbsent(spec.name(), made);
    return before == null ? new Creation(made, true) : new Creation(before, false);
  }

  @Override
  public Optional<Volume> find(VolumeName name) {
    check();
    return Optional.ofNullable(volumes.get(name));
  }

  @Override
  public List<Volume> list() {
    check();
    return new ArrayList<>(volumes.values());
  }

  @Override
  public Optional<Volume> grow(VolumeName name, long newSizeBytes) {
    check();
    return Optional.ofNullable(
        volumes.computeIfPresent(
            name,
            (same, volume) -> {
              VolumeSpec spec = volume.spec();
              if (newSizeBytes < spec.sizeBytes()) {
                throw new IllegalArgumentException("volume '" + name + "' can only grow");
              }
              return new Volume(
                  volume.id(),
                  new VolumeSpec(
                      name,
                      newSizeBytes,
                      spec.blockBytes(),
                      spec.stripeUnitBytes(),
                      spec.partitions(),
                      spec.serviceClass()),
                  volume.created(),
                  volume.version() + 1);
            }));
  }

  @Override
  public Optional<Volume> delete(VolumeName name) {
    check();
    return Optional.ofNullable(volumes.remove(name));
  }

  @Override
  public boolean isDeleted(VolumeId id) {
    return false;
  }

  @Override
  public void watch(VolumeListener listener) {}

  @Override
  public Served served(VolumeId id) {
    return new Served(true, List.of("iscsi://127.0.0.1:3260/target/0"), 4096, sessions, 1);
  }

  @Override
  public boolean awaitOnline(Volume volume, Duration timeout) {
    return true;
  }

  @Override
  public boolean awaitGone(VolumeId id, Duration timeout) {
    return true;
  }

  private void check() {
    if (failure != null) {
      throw failure;
    }
  }
}
