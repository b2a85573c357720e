package io.sandrift.load.membership;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's place among the members, and the list of them.
 *
 * <p>A member is an ephemeral znode {@code /sandrift/servers/<id>}: it goes when the ZooKeeper
 * session that made it ends, and it is made again when the connection comes back with another
 * session. A znode that an earlier process of the same data directory left behind is replaced at
 * once; one of a living server with another data directory is a conflict.
 *
 * <p>{@link #watch}, {@link #register} and {@link #close} are called by the node. Registration runs
 * on {@code membership}, a thread of its own; listeners are called on Curator's cache thread and
 * must not block.
 */
public final class Membership implements AutoCloseable {

  /** Where the members' znodes are. */
  public static final String SERVERS = "/sandrift/servers";

  private static final Logger log = LoggerFactory.getLogger(Membership.class);
  private static final long RETRY_MILLIS = 500;
  private static final int FIRST_LIST_SECONDS = 10;

  /** Hears of members that came, changed or went; called on Curator's cache thread. */
  public interface Listener {
    /** {@code member} is new, or said something new of itself. */
    void present(Member member);

    /** {@code id}'s session ended. */
    void gone(ServerId id);
  }

  private final CuratorFramework zookeeper;

  /** Set by {@link #register}, once. */
  private volatile @Nullable Member self;

  private final CuratorCache cache;
  private final Map<ServerId, Member> members = new ConcurrentSkipListMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ConnectionStateListener onConnectionState = this::connectionChanged;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "membership");
            worker.setDaemon(true);
            return worker;
          });
  private volatile boolean closed;

  /**
   * @param zookeeper started by the caller, and closed by it after this
   */
  public Membership(CuratorFramework zookeeper) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
    this.cache = CuratorCache.build(zookeeper, SERVERS);
  }

  /**
   * Registers this server from now on, until {@link #close}. Called once.
   *
   * @throws MembershipException if another server has the same id, or ZooKeeper doesn't answer
   */
  public void register(Member member) {
    self = Objects.requireNonNull(member);
    register();
    // In the list at once: who registers finds itself there.
    put(member);
    zookeeper.getConnectionStateListenable().addListener(onConnectionState);
  }

  /**
   * Reads the list of members, and follows it from now on.
   *
   * @throws MembershipException if ZooKeeper doesn't answer
   */
  public void watch() {
    CountDownLatch listed = new CountDownLatch(1);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> put(now))
                .forDeletes(this::remove)
                .forInitialized(listed::countDown)
                .build());
    cache.start();
    try {
      if (!listed.await(FIRST_LIST_SECONDS, TimeUnit.SECONDS)) {
        throw new MembershipException(
            "ZooKeeper didn't list " + SERVERS + " within " + FIRST_LIST_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MembershipException("interrupted while the list of servers was read", e);
    }
  }

  /** The members that are registered now, by id. */
  public List<Member> members() {
    return List.copyOf(members.values());
  }

  /** The member of that id, if it is registered now. */
  public Optional<Member> find(ServerId id) {
    return Optional.ofNullable(members.get(id));
  }

  /** Adds a listener; it isn't told of members that are already listed. */
  public void addListener(Listener listener) {
    listeners.add(Objects.requireNonNull(listener));
  }

  /** Gives up the registration. May be called twice. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    zookeeper.getConnectionStateListenable().removeListener(onConnectionState);
    thread.shutdownNow();
    cache.close();
    if (self == null) {
      return;
    }
    try {
      if (zookeeper.getZookeeperClient().isConnected() && isOurs(stat())) {
        zookeeper.delete().forPath(path());
      }
    } catch (KeeperException.NoNodeException e) {
      log.debug("{} was gone already", path());
    } catch (Exception e) {
      // The session's end removes the znode anyway, only later.
      log.warn("Could not remove {}: {}", path(), e.toString());
    }
  }

  private void register() {
    byte[] data = MemberJson.encode(self());
    String path = path();
    try {
      while (true) {
        try {
          zookeeper
              .create()
              .creatingParentsIfNeeded()
              .withMode(CreateMode.EPHEMERAL)
              .forPath(path, data);
          log.info("Registered as {} with session {}", path, Long.toHexString(sessionId()));
          return;
        } catch (KeeperException.NodeExistsException e) {
          if (isOurs(stat())) {
            return;
          }
          removeLeftover();
        }
      }
    } catch (MembershipException e) {
      throw e;
    } catch (Exception e) {
      throw new MembershipException(
          "could not register "
              + path
              + " in ZooKeeper ("
              + e
              + "); check zookeeper.connect and that ZooKeeper runs",
          e);
    }
  }

  /** Deletes the znode of an earlier process of this data directory; refuses another server's. */
  private void removeLeftover() throws Exception {
    Stat stat = new Stat();
    String path = path();
    Member self = self();
    try {
      Member other = MemberJson.decode(zookeeper.getData().storingStatIn(stat).forPath(path));
      if (!other.dataId().equals(self.dataId())) {
        throw new MembershipException(
            "server.id '"
                + self.id()
                + "' is taken by a running server (admin "
                + other.admin()
                + ", started "
                + other.started()
                + ") that has another data directory; give this server another server.id, or stop"
                + " that one");
      }
      zookeeper.delete().withVersion(stat.getVersion()).forPath(path);
      log.info("Replaced the registration that an earlier process of this server left behind");
    } catch (KeeperException.NoNodeException e) {
      log.debug("{} went by itself", path);
    }
  }

  private Member self() {
    return Objects.requireNonNull(self, "not registered yet");
  }

  private String path() {
    return SERVERS + "/" + self().id();
  }

  private @Nullable Stat stat() throws Exception {
    return zookeeper.checkExists().forPath(path());
  }

  private boolean isOurs(@Nullable Stat stat) throws Exception {
    return stat != null && stat.getEphemeralOwner() == sessionId();
  }

  private long sessionId() throws Exception {
    return zookeeper.getZookeeperClient().getZooKeeper().getSessionId();
  }

  private void connectionChanged(CuratorFramework client, ConnectionState state) {
    log.info("ZooKeeper connection: {}", state);
    if (state == ConnectionState.RECONNECTED) {
      reregister(0);
    }
  }

  private void reregister(long delayMillis) {
    try {
      thread.schedule(
          () -> {
            try {
              register();
            } catch (MembershipException e) {
              if (!closed) {
                log.warn("Not registered: {}; trying again", e.getMessage());
                reregister(RETRY_MILLIS);
              }
            }
          },
          delayMillis,
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("Closed; not registering again");
    }
  }

  private void put(ChildData node) {
    if (node.getPath().equals(SERVERS)) {
      return;
    }
    try {
      put(MemberJson.decode(node.getData()));
    } catch (MembershipException e) {
      log.warn("Ignoring {}: {}", node.getPath(), e.getMessage());
    }
  }

  private void put(Member member) {
    if (!member.equals(members.put(member.id(), member))) {
      listeners.forEach(listener -> listener.present(member));
    }
  }

  private void remove(ChildData node) {
    if (node.getPath().equals(SERVERS)) {
      return;
    }
    ServerId id = new ServerId(node.getPath().substring(SERVERS.length() + 1));
    members.remove(id);
    listeners.forEach(listener -> listener.gone(id));
  }
}
