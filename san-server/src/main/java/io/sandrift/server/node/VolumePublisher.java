package io.sandrift.server.node;

import io.sandrift.server.admin.ServedVolumes;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.repartition.HostedVolume;
import io.sandrift.server.repartition.HostedVolumes;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreException;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeListener;
import io.sandrift.volume.partition.PartitionMap;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what the catalog says true on this server: presents its volumes, lets them grow, and frees
 * what was deleted.
 *
 * <p>Changes are carried out one after the other on {@code volumes}, this class's own thread. The
 * table of what is online is guarded by this object's monitor, so that any thread may ask.
 */
final class VolumePublisher implements VolumeListener, ServedVolumes, HostedVolumes, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(VolumePublisher.class);

  /** How long the I/O of a deleted volume's sessions may take to end. */
  private static final Duration WITHDRAWAL_LIMIT = Duration.ofSeconds(10);

  /** After how long the publication of a volume is tried again when ZooKeeper didn't answer. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** One volume that initiators can mount. */
  private record Online(Volume volume, ClusterVolume open) implements HostedVolume {
    StripedDevice device() {
      return open.device();
    }

    @Override
    public OwnedVolume owned() {
      return open.owned();
    }

    @Override
    public PartitionReplica store() {
      return open.store().background();
    }

    @Override
    public PartitionMap map() {
      return open.map().current();
    }

    @Override
    public CompletableFuture<PartitionMap> refresh() {
      return open.map().refresh(open.map().current());
    }
  }

  private final ClusterVolumes opener;
  private final ExtentStore store;
  private final VolumeCatalog catalog;
  private final Presentation presentation;
  private final Consumer<Volume> onOnline;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "volumes");
            worker.setDaemon(true);
            return worker;
          });

  /** Guarded by this. */
  private final Map<VolumeId, Online> online = new HashMap<>();

  /**
   * @param onOnline told of each volume that can be mounted from now on, on {@code volumes}
   */
  VolumePublisher(
      ClusterVolumes opener,
      ExtentStore store,
      VolumeCatalog catalog,
      Presentation presentation,
      Consumer<Volume> onOnline) {
    this.opener = opener;
    this.store = store;
    this.catalog = catalog;
    this.presentation = presentation;
    this.onOnline = onOnline;
  }

  /**
   * Publishes what the catalog has now, frees what was deleted while this server was away, and
   * follows the catalog from then on.
   *
   * @throws StartupException if the catalog can't be read
   */
  void start() throws StartupException {
    try {
      List<Volume> volumes = catalog.list();
      Future<?> published = thread.submit(() -> volumes.forEach(this::publish));
      published.get();
      freeDeleted(volumes);
      catalog.watch(this);
    } catch (CatalogException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the volumes were published", e);
    } catch (ExecutionException e) {
      throw new StartupException("the volumes can't be published: " + e.getCause(), e);
    }
  }

  /** Follows the catalog no longer. What is online stays so until its sessions are ended. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** What was deleted between {@link #start}'s own listing and the watch is removed now. */
  @Override
  public void listed(Set<VolumeId> volumes) {
    submit(
        () ->
            onlineNow().stream()
                .filter(volume -> !volumes.contains(volume.id()))
                .forEach(this::remove));
  }

  @Override
  public void added(Volume volume) {
    submit(() -> publish(volume));
  }

  @Override
  public void changed(Volume before, Volume now) {
    submit(() -> publish(now));
  }

  @Override
  public void removed(Volume volume) {
    submit(() -> remove(volume));
  }

  @Override
  public Served served(VolumeId id) {
    Online found = find(id);
    if (found == null) {
      return Served.NOT;
    }
    return new Served(
        true,
        presentation.urls(found.volume()),
        store.allocatedBytes(id),
        presentation.sessions(found.volume()),
        found.open().localShare());
  }

  /** What is open here of a volume; empty unless it is online. */
  Optional<ClusterVolume> open(VolumeId id) {
    return Optional.ofNullable(find(id)).map(Online::open);
  }

  @Override
  public boolean awaitOnline(Volume volume, Duration timeout) {
    return await(
        () -> {
          Online found = online.get(volume.id());
          return found != null && found.device().length() >= volume.sizeBytes();
        },
        timeout);
  }

  @Override
  public boolean awaitGone(VolumeId id, Duration timeout) {
    return await(() -> !online.containsKey(id), timeout);
  }

  private void submit(Runnable change) {
    try {
      thread.execute(change);
    } catch (RejectedExecutionException e) {
      log.debug("Stopping; the catalog's changes are taken up at the next start");
    }
  }

  private void publish(Volume volume) {
    Online known = find(volume.id());
    try {
      if (known != null) {
        grow(known, volume);
      } else {
        present(volume);
      }
    } catch (CatalogException e) {
      log.warn("Volume '{}' isn't online yet: {}", volume.name(), e.getMessage());
      retry(volume);
    } catch (StoreException | RuntimeException e) {
      log.error("Volume '{}' can't be published: {}", volume.name(), e.getMessage(), e);
    }
  }

  private void retry(Volume volume) {
    try {
      thread.schedule(
          () -> {
            if (catalog.find(volume.name()).filter(volume::equals).isPresent()) {
              publish(volume);
            }
          },
          RETRY_AFTER.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("Stopping; volume '{}' is published at the next start", volume.name());
    }
  }

  private void present(Volume volume) throws StoreException {
    ClusterVolume opened = opener.open(volume);
    presentation.present(volume, opened);
    log.info("Volume '{}' ({}) is online", volume.name(), new ByteSize(volume.sizeBytes()));
    put(new Online(volume, opened));
    onOnline.accept(volume);
  }

  private void grow(Online known, Volume volume) {
    if (volume.sizeBytes() <= known.device().length()) {
      return;
    }
    known.device().grow(volume.sizeBytes());
    presentation.grown(volume);
    put(new Online(volume, known.open()));
    log.info("Volume '{}' has grown to {}", volume.name(), new ByteSize(volume.sizeBytes()));
  }

  private void remove(Volume volume) {
    Online known = find(volume.id());
    if (known != null) {
      try {
        presentation
            .withdraw(volume)
            .orTimeout(WITHDRAWAL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .join();
      } catch (CompletionException e) {
        // The store fails what comes later for a volume that it doesn't have any more.
        log.warn("I/O of the deleted volume '{}' is still under way", volume.name());
      }
      known.open().close();
    }
    opener.forget(volume.id());
    free(volume.id());
    drop(volume.id());
    log.info("Volume '{}' is gone", volume.name());
  }

  private void freeDeleted(List<Volume> volumes) {
    Set<VolumeId> known = Set.copyOf(volumes.stream().map(Volume::id).toList());
    for (VolumeId id : store.volumes()) {
      if (!known.contains(id)) {
        free(id);
      }
    }
  }

  /** Frees a volume's extents, but only on the catalog's word that it was deleted. */
  private void free(VolumeId id) {
    try {
      if (catalog.isDeleted(id)) {
        store.delete(id);
      } else if (store.allocatedBytes(id) > 0) {
        log.warn(
            "The store holds {} of volume {}, which the catalog neither lists nor knows to be"
                + " deleted; it is kept. Is zookeeper.connect the ensemble that it was created in?",
            new ByteSize(store.allocatedBytes(id)),
            id);
      }
    } catch (CatalogException | StoreException e) {
      log.warn("Volume {} is freed at the next start: {}", id, e.getMessage());
    }
  }

  @Override
  public synchronized Optional<HostedVolume> hosted(VolumeId id) {
    return Optional.ofNullable(online.get(id));
  }

  @Override
  public synchronized List<HostedVolume> allHosted() {
    return List.copyOf(online.values());
  }

  private synchronized @Nullable Online find(VolumeId id) {
    return online.get(id);
  }

  private synchronized List<Volume> onlineNow() {
    return online.values().stream().map(Online::volume).toList();
  }

  private synchronized void put(Online volume) {
    online.put(volume.volume().id(), volume);
    notifyAll();
  }

  private synchronized void drop(VolumeId id) {
    online.remove(id);
    notifyAll();
  }

  private synchronized boolean await(BooleanSupplier condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      while (!condition.getAsBoolean()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
