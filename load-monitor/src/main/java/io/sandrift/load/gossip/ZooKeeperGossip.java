package io.sandrift.load.gossip;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SampleFormatException;
import io.sandrift.load.sample.SampleJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gossip through ZooKeeper: the ephemeral znode {@code /sandrift/load/<id>} holds a server's last
 * sample.
 *
 * <p>One persistent recursive watch tells of every change, without being set again. What has
 * changed is noted, and read at this monitor's own pace, many samples in one request: however often
 * the others write, a monitor's reading is bounded.
 *
 * <pre>
 *   watch: changed a, b, a ──▶ {a, b} ──every "shortest"──▶ one multi-read of a and b ──▶ heard
 * </pre>
 *
 * <p>When the connection comes back, with the old session or a new one, the watch is set again and
 * everything is read once; our own znode is made again if it went, or belongs to a session that is
 * about to go. All requests are made on one thread, {@code load-gossip}, so that a ZooKeeper that
 * doesn't answer holds up nothing else.
 */
public final class ZooKeeperGossip implements AutoCloseable {

  /** Where the samples are. */
  static final String LOADS = "/sandrift/load";

  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperGossip.class);

  /** So many samples of the largest size stay below what ZooKeeper's client accepts. */
  private static final int MAX_READS_IN_ONE = 32;

  /** Everything is read anew so often, in case that a notification was lost. */
  private static final long RELIST_SECONDS = 60;

  private final CuratorFramework zookeeper;
  private final ServerId self;
  private final Supplier<GossipPace> pace;
  private final Consumer<Sample> listener;
  private final PersistentWatcher watcher;
  private final ConnectionStateListener onConnectionState = this::connectionChanged;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "load-gossip");
            worker.setDaemon(true);
            return worker;
          });

  /** The next sample to write; a newer one takes its place. */
  private final AtomicReference<@Nullable Sample> outgoing = new AtomicReference<>();

  /** Znodes whose data have changed since they were read. */
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  private final LongAdder writes = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private final LongAdder readRequests = new LongAdder();
  private final LongAdder samplesRead = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder notifications = new LongAdder();
  private final LongAdder failures = new LongAdder();

  private volatile boolean isListDue = true;
  private volatile boolean closed;

  /** Confined to {@code load-gossip}. */
  private long listedNanos;

  /**
   * @param zookeeper started by the caller, and closed by it after this
   * @param pace asked before each round
   * @param listener hears of the others' samples, on {@code load-gossip}
   */
  public ZooKeeperGossip(
      CuratorFramework zookeeper,
      ServerId self,
      Supplier<GossipPace> pace,
      Consumer<Sample> listener) {
    this.zookeeper = zookeeper;
    this.self = self;
    this.pace = pace;
    this.listener = listener;
    this.watcher = new PersistentWatcher(zookeeper, LOADS, true);
  }

  /** Begins to listen. ZooKeeper need not answer yet. */
  public void start() {
    zookeeper.getConnectionStateListenable().addListener(onConnectionState);
    watcher.getListenable().addListener(this::notified);
    watcher.getResetListenable().addListener(() -> isListDue = true);
    thread.execute(
        () -> {
          try {
            // The watch needs no znode, but the list does.
            zookeeper.createContainers(LOADS);
          } catch (Exception e) {
            failed("could not make " + LOADS, e);
          }
          watcher.start();
          round();
        });
  }

  /** Writes a sample as soon as may be; if an earlier one still waits, it is dropped. */
  public void say(Sample sample) {
    if (outgoing.getAndSet(sample) == null) {
      submit(this::write);
    }
  }

  /** What it has cost so far. */
  public GossipTraffic traffic() {
    return new GossipTraffic(
        writes.sum(),
        bytesWritten.sum(),
        readRequests.sum(),
        samplesRead.sum(),
        bytesRead.sum(),
        notifications.sum(),
        failures.sum());
  }

  /** Takes the sample back and listens no longer. May be called twice. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    zookeeper.getConnectionStateListenable().removeListener(onConnectionState);
    watcher.close();
    thread.shutdownNow();
    if (zookeeper.getZookeeperClient().isConnected()) {
      try {
        zookeeper.delete().inBackground().forPath(path(self));
      } catch (Exception e) {
        LOG.debug("{} goes with the session", path(self), e);
      }
    }
  }

  // ---- Writing.

  private void write() {
    Sample sample = outgoing.getAndSet(null);
    if (sample == null || closed) {
      return;
    }
    byte[] bytes = SampleJson.encode(sample, pace.get().maxBytes());
    String path = path(self);
    try {
      ensureOurs(path, bytes);
      writes.increment();
      bytesWritten.add(bytes.length);
    } catch (Exception e) {
      failed("could not write " + path, e);
    }
  }

  private void ensureOurs(String path, byte[] bytes) throws Exception {
    try {
      Stat stat = zookeeper.setData().forPath(path, bytes);
      if (stat.getEphemeralOwner() == session().getSessionId()) {
        return;
      }
      // An earlier session's, or an earlier process's: it would go when that session ends.
      zookeeper.delete().forPath(path);
    } catch (KeeperException.NoNodeException e) {
      LOG.debug("{} is made", path);
    }
    zookeeper
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL)
        .forPath(path, bytes);
  }

  // ---- Reading.

  private void notified(WatchedEvent event) {
    notifications.increment();
    String path = event.getPath();
    if (path == null || !path.startsWith(LOADS + "/")) {
      return;
    }
    if (event.getType() == EventType.NodeDataChanged || event.getType() == EventType.NodeCreated) {
      changed.add(path);
    } else if (event.getType() == EventType.NodeDeleted) {
      changed.remove(path);
    }
  }

  private void round() {
    try {
      if (isListDue || System.nanoTime() - listedNanos > TimeUnit.SECONDS.toNanos(RELIST_SECONDS)) {
        list();
      }
      read();
    } catch (Exception e) {
      isListDue = true;
      failed("could not read the others' load", e);
    } finally {
      schedule(this::round, pace.get().shortest().toMillis());
    }
  }

  private void list() throws Exception {
    // Before the list is read: what changes after that is noted.
    isListDue = false;
    readRequests.increment();
    try {
      for (String child : zookeeper.getChildren().forPath(LOADS)) {
        changed.add(LOADS + "/" + child);
      }
      listedNanos = System.nanoTime();
    } catch (KeeperException.NoNodeException e) {
      LOG.debug("nobody has said anything yet");
    }
  }

  private void read() throws Exception {
    changed.remove(path(self));
    List<String> due = new ArrayList<>(changed);
    for (int from = 0; from < due.size() && !closed; from += MAX_READS_IN_ONE) {
      List<String> some = due.subList(from, Math.min(due.size(), from + MAX_READS_IN_ONE));
      // Before they are read: a change after that is noted anew.
      some.forEach(changed::remove);
      readRequests.increment();
      List<OpResult> results = session().multi(some.stream().map(Op::getData).toList());
      for (OpResult result : results) {
        if (result instanceof OpResult.GetDataResult data) {
          hear(data.getData());
        }
      }
    }
  }

  private void hear(byte @Nullable [] bytes) {
    if (bytes == null || bytes.length == 0) {
      return;
    }
    samplesRead.increment();
    bytesRead.add(bytes.length);
    try {
      Sample sample = SampleJson.decode(bytes);
      if (!sample.server().equals(self)) {
        listener.accept(sample);
      }
    } catch (SampleFormatException e) {
      LOG.warn("Ignoring a load in ZooKeeper: {}", e.getMessage());
    }
  }

  // ---- Connection.

  private void connectionChanged(CuratorFramework client, ConnectionState state) {
    if (state == ConnectionState.RECONNECTED) {
      isListDue = true;
    }
  }

  private ZooKeeper session() throws Exception {
    return zookeeper.getZookeeperClient().getZooKeeper();
  }

  private void failed(String what, Exception e) {
    failures.increment();
    if (!closed) {
      LOG.warn("{}: {}; it is tried again", what, e.toString());
    }
  }

  private void submit(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed; nothing is written any more");
    }
  }

  private void schedule(Runnable task, long delayMillis) {
    try {
      thread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed; nothing is read any more");
    }
  }

  private static String path(ServerId id) {
    return LOADS + "/" + id;
  }
}
