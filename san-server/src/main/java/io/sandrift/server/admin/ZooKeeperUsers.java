package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.volume.catalog.CatalogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in ZooKeeper, {@code /sandrift/users/<name>}, and in this server's memory, so that a token
 * is known while ZooKeeper is away.
 */
public final class ZooKeeperUsers implements Users, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ZooKeeperUsers.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROOT = "/sandrift/users";
  private static final int FORMAT = 1;

  /** More are no users but a mistake, and each is compared with every token that comes. */
  private static final int MOST = 1000;

  private final CuratorFramework zookeeper;
  private final CuratorCache cache;
  private final Map<String, User> users = new ConcurrentSkipListMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param zookeeper started by the caller, and closed by it after this
   */
  public ZooKeeperUsers(CuratorFramework zookeeper) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
    this.cache = CuratorCache.build(zookeeper, ROOT);
  }

  /** Begins to follow the list. */
  public void start() {
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> take(now))
                .forDeletes(node -> forget(node.getPath()))
                .build());
    cache.start();
  }

  @Override
  public List<User> list() {
    return List.copyOf(users.values());
  }

  @Override
  public Optional<User> ofToken(String token) {
    String hash = Tokens.hash(token);
    User found = null;
    for (User user : users.values()) {
      if (Tokens.same(hash, user.tokenHash())) {
        found = user;
      }
    }
    return Optional.ofNullable(found);
  }

  @Override
  public boolean add(User user) {
    if (users.size() >= MOST) {
      throw new Problem(409, "too-many-users", "there are " + MOST + " users; delete some first");
    }
    return asking(
        "create user '" + user.name() + "'",
        () -> {
          try {
            zookeeper.create().creatingParentsIfNeeded().forPath(path(user.name()), encode(user));
          } catch (KeeperException.NodeExistsException e) {
            return false;
          }
          put(user);
          return true;
        });
  }

  @Override
  public boolean replace(User user) {
    return asking(
        "change user '" + user.name() + "'",
        () -> {
          try {
            zookeeper.setData().forPath(path(user.name()), encode(user));
          } catch (KeeperException.NoNodeException e) {
            return false;
          }
          put(user);
          return true;
        });
  }

  @Override
  public boolean remove(String name) {
    return asking(
        "delete user '" + name + "'",
        () -> {
          try {
            zookeeper.delete().forPath(path(name));
          } catch (KeeperException.NoNodeException e) {
            return false;
          }
          forget(path(name));
          return true;
        });
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    cache.close();
  }

  private void take(ChildData node) {
    if (node.getPath().equals(ROOT)) {
      return;
    }
    try {
      put(decode(node.getData()));
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      // Whoever it was can't come in any more, which is the safe side.
      forget(node.getPath());
      log.error("Ignoring {}: {}", node.getPath(), e.toString());
    }
  }

  private void put(User user) {
    users.put(user.name(), user);
    listeners.forEach(Runnable::run);
  }

  private void forget(String path) {
    if (path.length() > ROOT.length() && users.remove(path.substring(ROOT.length() + 1)) != null) {
      listeners.forEach(Runnable::run);
    }
  }

  private static String path(String name) {
    return ROOT + "/" + name;
  }

  private static byte[] encode(User user) {
    return JSON.createObjectNode()
        .put("format", FORMAT)
        .put("name", user.name())
        .put("role", user.role().toString())
        .put("tokenHash", user.tokenHash())
        .put("created", user.created().toString())
        .put("rotated", user.rotated().toString())
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static User decode(byte[] bytes) throws IOException {
    JsonNode node = JSON.readTree(bytes);
    if (node.required("format").asInt() > FORMAT) {
      throw new IOException("it has a newer format; run the version that wrote it");
    }
    return new User(
        node.required("name").asText(),
        Role.valueOf(node.required("role").asText().toUpperCase(Locale.ROOT)),
        node.required("tokenHash").asText(),
        Instant.parse(node.required("created").asText()),
        Instant.parse(node.required("rotated").asText()));
  }

  private static <T> T asking(String what, Callable<T> change) {
    try {
      return change.call();
    } catch (RuntimeException e) {
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
