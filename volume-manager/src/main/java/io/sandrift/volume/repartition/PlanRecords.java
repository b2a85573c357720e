package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plans in ZooKeeper: {@code /sandrift/repartition/<id>}, with an ephemeral report beneath for
 * each server that makes moves. A volume has one plan at a time. How far a plan is, the partition
 * maps say; a record only says what is wanted.
 *
 * <p>Safe for all threads; blocks on ZooKeeper.
 */
public final class PlanRecords implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PlanRecords.class);

  private static final String ROOT = "/sandrift/repartition";

  /** How many plans that are over are kept. */
  static final int HISTORY = 50;

  private static final int ATTEMPTS = 20;

  /** How the beginning of a plan ended. */
  public sealed interface Beginning {

    /** It runs. */
    record Begun(PlanRecord record) implements Beginning {}

    /** Another plan moves the same volumes. */
    record Busy(PlanRecord other) implements Beginning {}
  }

  private final CuratorFramework zookeeper;
  private final InstantSource clock;
  private final CuratorCache cache;

  /**
   * What the cache holds of plans that aren't over, by path. Touched by the cache's thread only.
   */
  private final Map<String, PlanRecord> notOver = new HashMap<>();

  /** The same, sorted, for everyone: it is asked for with each piece that is copied. */
  private volatile List<PlanRecord> cached = List.of();

  public PlanRecords(CuratorFramework zookeeper, InstantSource clock) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
    this.clock = Objects.requireNonNull(clock);
    this.cache = CuratorCache.build(zookeeper, ROOT);
  }

  /**
   * Keeps a copy of all records from now on, for {@link #cached}.
   *
   * @param onChange told of every change, on a thread of ZooKeeper's client; must not block
   */
  public void watch(Runnable onChange) {
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forAll(
                    (type, was, is) -> {
                      changed(was, is);
                      onChange.run();
                    })
                .build());
    cache.start();
  }

  /** The plans that aren't over, as this server last heard of them; needs {@link #watch}. */
  public List<PlanRecord> cached() {
    return cached;
  }

  private void changed(@Nullable ChildData was, @Nullable ChildData is) {
    String path = Objects.requireNonNull(is == null ? was : is).getPath();
    if (!isRecord(path)) {
      return;
    }
    notOver.remove(path);
    if (is != null && is.getData() != null) {
      try {
        PlanRecord record = PlanRecordJson.decode(is.getData(), is.getStat().getVersion());
        if (!record.state().isOver()) {
          notOver.put(path, record);
        }
      } catch (CatalogException e) {
        LOG.warn("{} is left alone: {}", path, e.getMessage());
      }
    }
    cached = notOver.values().stream().sorted(Comparator.comparingLong(PlanRecord::id)).toList();
  }

  /** Enters a plan that is to run, unless one of its volumes has another. */
  public Beginning begin(Plan plan, long bytesPerSecond, String by) {
    Set<VolumeId> volumes = plan.moves().stream().map(Move::volumeId).collect(Collectors.toSet());
    return retrying(
        "begin a plan",
        () -> {
          makeRoot();
          Stat stat = new Stat();
          byte[] counted = zookeeper.getData().storingStatIn(stat).forPath(ROOT);
          for (PlanRecord record : list()) {
            boolean overlaps =
                record.plan().moves().stream().anyMatch(move -> volumes.contains(move.volumeId()));
            if (!record.state().isOver() && overlaps) {
              return new Beginning.Busy(record);
            }
          }
          long id = number(counted) + 1;
          PlanRecord record =
              new PlanRecord(
                  id, plan, PlanState.RUNNING, bytesPerSecond, by, clock.instant(), null, "", 0);
          // The root's version makes sure that nobody else began one since the list was read.
          zookeeper
              .transaction()
              .forOperations(
                  zookeeper
                      .transactionOp()
                      .setData()
                      .withVersion(stat.getVersion())
                      .forPath(ROOT, Long.toString(id).getBytes(StandardCharsets.US_ASCII)),
                  zookeeper
                      .transactionOp()
                      .create()
                      .forPath(path(id), PlanRecordJson.encode(record)));
          forgetOldest();
          return new Beginning.Begun(record);
        });
  }

  /** All plans, the newest first. */
  public List<PlanRecord> list() {
    return retrying(
        "list the plans",
        () -> {
          List<PlanRecord> records = new ArrayList<>();
          for (String child : children()) {
            read(path(Long.parseLong(child))).ifPresent(records::add);
          }
          records.sort(Comparator.comparingLong(PlanRecord::id).reversed());
          return records;
        });
  }

  public Optional<PlanRecord> find(long id) {
    return retrying("read plan " + id, () -> read(path(id)));
  }

  /**
   * Changes a record by compare-and-set.
   *
   * @param change given the record as it is; may be called again when somebody else was quicker,
   *     and returns its argument to leave it as it is
   * @return the record as it is now; empty if there is none of that id
   */
  public Optional<PlanRecord> update(long id, UnaryOperator<PlanRecord> change) {
    return retrying(
        "change plan " + id,
        () -> {
          Optional<PlanRecord> found = read(path(id));
          if (found.isEmpty()) {
            return found;
          }
          PlanRecord changed = change.apply(found.get());
          if (!changed.equals(found.get())) {
            zookeeper
                .setData()
                .withVersion(found.get().version())
                .forPath(path(id), PlanRecordJson.encode(changed));
          }
          return Optional.of(changed);
        });
  }

  /** Tells what this server is doing; it is forgotten when the server's session ends. */
  public void report(long id, MoveReport report) {
    String path = path(id) + "/" + report.server();
    retrying(
        "report on plan " + id,
        () -> {
          try {
            zookeeper.setData().forPath(path, PlanRecordJson.encode(report));
          } catch (KeeperException.NoNodeException e) {
            try {
              zookeeper
                  .create()
                  .withMode(CreateMode.EPHEMERAL)
                  .forPath(path, PlanRecordJson.encode(report));
            } catch (KeeperException.NoNodeException gone) {
              // So is the plan.
            }
          }
          return true;
        });
  }

  /** This server does nothing more for the plan. */
  public void withdrawReport(long id, ServerId server) {
    retrying(
        "report on plan " + id,
        () -> {
          try {
            zookeeper.delete().forPath(path(id) + "/" + server);
          } catch (KeeperException.NoNodeException e) {
            // There was none.
          }
          return true;
        });
  }

  /** What servers are doing for a plan now, by id. */
  public List<MoveReport> reports(long id) {
    return retrying(
        "read the reports on plan " + id,
        () -> {
          List<MoveReport> reports = new ArrayList<>();
          try {
            for (String child : zookeeper.getChildren().forPath(path(id))) {
              try {
                reports.add(
                    PlanRecordJson.decodeReport(
                        zookeeper.getData().forPath(path(id) + "/" + child)));
              } catch (KeeperException.NoNodeException e) {
                // Withdrawn meanwhile.
              }
            }
          } catch (KeeperException.NoNodeException e) {
            return reports;
          }
          reports.sort(Comparator.comparing(MoveReport::server));
          return reports;
        });
  }

  @Override
  public void close() {
    cache.close();
  }

  private void makeRoot() throws Exception {
    try {
      zookeeper
          .create()
          .creatingParentsIfNeeded()
          .forPath(ROOT, "0".getBytes(StandardCharsets.US_ASCII));
    } catch (KeeperException.NodeExistsException e) {
      // As after the first time.
    }
  }

  private void forgetOldest() throws Exception {
    List<PlanRecord> over = list().stream().filter(record -> record.state().isOver()).toList();
    for (PlanRecord record : over.subList(Math.min(HISTORY, over.size()), over.size())) {
      zookeeper.delete().deletingChildrenIfNeeded().forPath(path(record.id()));
    }
  }

  private List<String> children() throws Exception {
    try {
      return zookeeper.getChildren().forPath(ROOT).stream()
          .filter(name -> name.matches("[0-9]{1,18}"))
          .toList();
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  private Optional<PlanRecord> read(String path) throws Exception {
    Stat stat = new Stat();
    try {
      byte[] data = zookeeper.getData().storingStatIn(stat).forPath(path);
      return Optional.of(PlanRecordJson.decode(data, stat.getVersion()));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    }
  }

  private static boolean isRecord(String path) {
    return path.length() > ROOT.length() && path.indexOf('/', ROOT.length() + 1) < 0;
  }

  private static long number(byte[] data) {
    String text = new String(data, StandardCharsets.US_ASCII);
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  private static String path(long id) {
    return ROOT + "/" + id;
  }

  private static <T> T retrying(String what, Callable<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.call();
      } catch (KeeperException.BadVersionException
          | KeeperException.NodeExistsException
          | KeeperException.NoNodeException e) {
        if (attempt == ATTEMPTS) {
          throw new CatalogException("could not " + what + ": others change it all the time", e);
        }
      } catch (CatalogException e) {
        throw e;
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        throw new CatalogException(
            "could not " + what + " (" + e + "); check that ZooKeeper runs, then repeat", e);
      }
    }
  }
}
