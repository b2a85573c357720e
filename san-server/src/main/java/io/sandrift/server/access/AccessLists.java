package io.sandrift.server.access;

import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.server.login.Authentication;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access lists of all volumes: {@code /sandrift/access/<volume id>} in ZooKeeper, changed by
 * compare-and-set, and a copy in memory, from which logins are judged without waiting, also while
 * ZooKeeper is away. Safe for all threads; changes block on ZooKeeper.
 */
public final class AccessLists implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AccessLists.class);
  private static final String ROOT = "/sandrift/access";
  private static final int ATTEMPTS = 20;
  private static final int FIRST_LIST_SECONDS = 10;

  private final CuratorFramework zookeeper;
  private final Seal seal;
  private final AccessList unlisted;
  private final CuratorCache cache;
  private final Map<VolumeId, AccessList> lists = new ConcurrentHashMap<>();

  /**
   * @param zookeeper started by the caller, and closed by it after this
   * @param clusterSecret what all servers know and nobody else
   * @param isOpen whether a volume without a list is everybody's
   */
  public AccessLists(CuratorFramework zookeeper, byte[] clusterSecret, boolean isOpen) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
    this.seal = new Seal(clusterSecret);
    this.unlisted = isOpen ? AccessList.OPEN : AccessList.CLOSED;
    this.cache = CuratorCache.build(zookeeper, ROOT);
  }

  /**
   * Reads all lists, and follows them from then on. Initiators that are refused give up, so the
   * portals open only after this.
   *
   * @throws CatalogException if ZooKeeper doesn't answer
   */
  public void start() {
    CountDownLatch listed = new CountDownLatch(1);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> take(now))
                .forDeletes(this::forget)
                .forInitialized(listed::countDown)
                .build());
    cache.start();
    try {
      if (!listed.await(FIRST_LIST_SECONDS, TimeUnit.SECONDS)) {
        throw new CatalogException(
            "ZooKeeper didn't list " + ROOT + " within " + FIRST_LIST_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CatalogException("interrupted while the access lists were read", e);
    }
  }

  /** The volume's list, or what holds for a volume without one. */
  public AccessList of(VolumeId volume) {
    return lists.getOrDefault(volume, unlisted);
  }

  /** Whether this initiator may see and use the volume. Doesn't block. */
  public boolean admits(VolumeId volume, String initiator, InetAddress from) {
    return of(volume).admits(initiator, from);
  }

  /**
   * What an initiator of the volume must prove. Doesn't block.
   *
   * @param usual what it must prove if the volume has no CHAP users of its own
   * @return null if the secrets can't be read: nobody may log in then
   */
  public @Nullable Authentication authentication(VolumeId volume, Authentication usual) {
    AccessList list = of(volume);
    if (list.chapUsers().isEmpty()) {
      return usual;
    }
    try {
      List<ChapCredentials> initiators = new ArrayList<>();
      for (Map.Entry<String, String> user : list.chapUsers().entrySet()) {
        String secret = seal.open(user.getValue(), purpose(volume, user.getKey(), false));
        initiators.add(new ChapCredentials(user.getKey(), ChapSecret.of(secret)));
      }
      AccessList.Mutual mutual = list.mutual();
      return new Authentication.Chap(
          initiators,
          mutual == null
              ? null
              : new ChapCredentials(
                  mutual.name(),
                  ChapSecret.of(seal.open(mutual.sealed(), purpose(volume, mutual.name(), true)))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      log.error(
          "The CHAP secrets of volume {} can't be read ({}); was the cluster's secret changed?",
          volume,
          e.toString());
      return null;
    }
  }

  /**
   * Changes a volume's list.
   *
   * @param change may be called more than once
   * @throws IllegalArgumentException from the change
   * @throws CatalogException if ZooKeeper doesn't answer
   */
  public AccessList change(VolumeId volume, UnaryOperator<AccessList> change) {
    String path = ROOT + "/" + volume;
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Stat stat = new Stat();
        try {
          AccessList now =
              AccessListJson.decode(zookeeper.getData().storingStatIn(stat).forPath(path));
          AccessList changed = change.apply(now);
          zookeeper
              .setData()
              .withVersion(stat.getVersion())
              .forPath(path, AccessListJson.encode(changed));
          lists.put(volume, changed);
          return changed;
        } catch (KeeperException.NoNodeException e) {
          AccessList changed = change.apply(unlisted);
          try {
            zookeeper
                .create()
                .creatingParentsIfNeeded()
                .forPath(path, AccessListJson.encode(changed));
            lists.put(volume, changed);
            return changed;
          } catch (KeeperException.NodeExistsException again) {
            // Another was quicker; the next attempt changes what it made.
          }
        } catch (KeeperException.BadVersionException e) {
          // Changed meanwhile; once more from what it is now.
        }
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw unavailable(e);
    }
    throw new CatalogException("the access list changes all the time; repeat");
  }

  /**
   * Sets or removes a CHAP user of the volume's initiators, or the target's own name.
   *
   * @param secret null to remove it
   * @param isTarget whether it is what the target proves itself with
   * @throws IllegalArgumentException if the secret can't be used
   */
  public AccessList chap(VolumeId volume, String name, @Nullable String secret, boolean isTarget) {
    if (secret == null) {
      return change(volume, list -> isTarget ? list.withMutual(null) : list.withUser(name, null));
    }
    ChapSecret checked = new ChapCredentials(name, ChapSecret.of(secret)).secret();
    requireOthersDiffer(checked, isTarget);
    String sealed = seal.seal(secret, purpose(volume, name, isTarget));
    return change(
        volume,
        list ->
            isTarget
                ? list.withMutual(new AccessList.Mutual(name, sealed))
                : list.withUser(name, sealed));
  }

  /** The volume was deleted. */
  public void remove(VolumeId volume) {
    try {
      zookeeper.delete().forPath(ROOT + "/" + volume);
    } catch (KeeperException.NoNodeException e) {
      // It had no list.
    } catch (Exception e) {
      throw unavailable(e);
    }
    lists.remove(volume);
  }

  @Override
  public void close() {
    cache.close();
  }

  /**
   * With one secret for both directions anywhere, an attacker could have the one side answer the
   * other's challenge (RFC 7143 clause 9.2.1).
   */
  private void requireOthersDiffer(ChapSecret secret, boolean isTarget) {
    lists.forEach(
        (volume, list) -> {
          try {
            if (isTarget) {
              for (Map.Entry<String, String> user : list.chapUsers().entrySet()) {
                refuseSame(
                    secret, seal.open(user.getValue(), purpose(volume, user.getKey(), false)));
              }
            } else if (list.mutual() != null) {
              AccessList.Mutual mutual = list.mutual();
              refuseSame(secret, seal.open(mutual.sealed(), purpose(volume, mutual.name(), true)));
            }
          } catch (GeneralSecurityException e) {
            log.warn("A CHAP secret of volume {} can't be read: {}", volume, e.toString());
          }
        });
  }

  private static void refuseSame(ChapSecret secret, String other) {
    if (secret.equals(ChapSecret.of(other))) {
      throw new IllegalArgumentException(
          "the CHAP secrets of initiators and of targets must all differ; choose another at random");
    }
  }

  private void take(ChildData node) {
    if (node.getPath().equals(ROOT)) {
      return;
    }
    try {
      VolumeId volume = VolumeId.parse(node.getPath().substring(ROOT.length() + 1));
      try {
        lists.put(volume, AccessListJson.decode(node.getData()));
      } catch (IOException | IllegalArgumentException e) {
        log.error("{} can't be read ({}); nobody may use the volume", node.getPath(), e.toString());
        lists.put(volume, AccessList.CLOSED);
      }
    } catch (IllegalArgumentException e) {
      log.warn("Ignoring {}: {}", node.getPath(), e.getMessage());
    }
  }

  private void forget(ChildData node) {
    if (node.getPath().length() > ROOT.length()) {
      lists.remove(VolumeId.parse(node.getPath().substring(ROOT.length() + 1)));
    }
  }

  private static String purpose(VolumeId volume, String name, boolean isTarget) {
    return volume + (isTarget ? "/target/" : "/initiator/") + name;
  }

  private static CatalogException unavailable(Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new CatalogException(
        "the access list can't be reached (" + cause + "); check that ZooKeeper runs, then repeat",
        cause);
  }
}
