package io.sandrift.load.ensemble;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.ClientInfo;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ZooKeeper of a cluster, and how this process speaks to it.
 *
 * @param connectString host:port of its members with commas, then a path if the cluster's znodes
 *     are to lie below one
 * @param tls how the links are protected; null: not at all
 * @param identity who we are there; null: nobody, and so all znodes are everybody's
 * @param isOpen whether znodes are everybody's although we are somebody
 */
public record Ensemble(
    String connectString, @Nullable Tls tls, @Nullable Identity identity, boolean isOpen) {

  /** Above everything that the cluster keeps. */
  public static final String ROOT = "/sandrift";

  private static final Logger log = LoggerFactory.getLogger(Ensemble.class);

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(15);
  private static final int QUESTIONS = 5;

  /** One that asks nobody who they are. */
  public static Ensemble at(String connectString) {
    return new Ensemble(connectString, null, null, false);
  }

  /**
   * A client, to be started and closed by the caller.
   *
   * @param sessionTimeout silence after which ZooKeeper takes this process for dead
   */
  public CuratorFramework client(Duration sessionTimeout) {
    return client(connectString, sessionTimeout);
  }

  private CuratorFramework client(String address, Duration sessionTimeout) {
    ZKClientConfig configuration = new ZKClientConfig();
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs((int) sessionTimeout.toMillis())
            .connectionTimeoutMs((int) CONNECT_LIMIT.toMillis())
            .retryPolicy(new BoundedExponentialBackoffRetry(50, 1000, 10))
            .zookeeperFactory(new OrderlyExpiry())
            .zkClientConfig(configuration)
            .aclProvider(new SameForAll(accessList()));
    if (tls != null) {
      tls.applyTo(configuration);
    }
    boolean isSasl = false;
    if (identity != null) {
      isSasl = identity.scheme() == Identity.Scheme.SASL;
      if (isSasl) {
        useSasl(configuration, identity);
      } else {
        builder.authorization(identity.scheme().wireName(), identity.proof());
      }
    }
    configuration.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, Boolean.toString(isSasl));
    return builder.build();
  }

  private static void useSasl(ZKClientConfig configuration, Identity identity) {
    configuration.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, JaasSection.install(identity));
    // ZooKeeper counts MD5 as unfit for FIPS mode, which it is in unless told otherwise.
    configuration.setProperty("zookeeper.fips-mode", "false");
    // Only Kerberos needs it. Left to itself, the client asks DNS for the name of the member's
    // address, and then wants the member's certificate to be for that name.
    configuration.setProperty(ZKClientConfig.ZOOKEEPER_SERVER_PRINCIPAL, "unused");
  }

  /** Who may do what with the cluster's znodes. */
  public List<ACL> accessList() {
    return identity == null || isOpen ? Ids.OPEN_ACL_UNSAFE : identity.alone();
  }

  /**
   * Makes ready what a server needs: the path of the connect string, our identity known to
   * ZooKeeper, and the access list of every znode of the cluster as it is to be, also where it was
   * made under another setting. Asks ZooKeeper once for each znode. Blocks.
   *
   * @param client connected
   * @throws EnsembleException if ZooKeeper knows us as somebody else, or keeps znodes from us
   */
  public void settle(CuratorFramework client) throws EnsembleException {
    try {
      if (client.checkExists().forPath("/") == null) {
        makePath();
      }
      if (identity == null) {
        requireReadable(client);
      } else {
        requireKnown(client, identity);
        setAccess(client);
      }
    } catch (KeeperException.AuthFailedException e) {
      throw new EnsembleException(
          "ZooKeeper at "
              + connectString
              + " doesn't accept "
              + identity
              + "; is the password the one of its JAAS configuration, and fips-mode=false in its"
              + " zoo.cfg?",
          e);
    } catch (KeeperException.InvalidACLException e) {
      throw new EnsembleException(
          "ZooKeeper at "
              + connectString
              + " can't restrict znodes to "
              + identity
              + "; set authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider"
              + " in its zoo.cfg",
          e);
    } catch (KeeperException.NoAuthException e) {
      throw new EnsembleException(
          "znode "
              + e.getPath()
              + " of the ZooKeeper at "
              + connectString
              + " is not for "
              + (identity == null ? "everybody" : identity)
              + "; all servers of a cluster need the same zookeeper.user and password",
          e);
    } catch (EnsembleException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new EnsembleException("ZooKeeper at " + connectString + " doesn't answer: " + e, e);
    }
  }

  /** A client below the path can't make the path itself. */
  private void makePath() throws Exception {
    int slash = connectString.indexOf('/');
    try (CuratorFramework above = client(connectString.substring(0, slash), CONNECT_LIMIT)) {
      above.start();
      above.create().creatingParentsIfNeeded().forPath(connectString.substring(slash));
    } catch (KeeperException.NodeExistsException e) {
      // Another server has made it at the same time.
    }
  }

  private static void requireReadable(CuratorFramework client) throws Exception {
    try {
      client.getData().forPath(ROOT);
    } catch (KeeperException.NoNodeException e) {
      // The first server makes it.
    }
  }

  private void requireKnown(CuratorFramework client, Identity identity) throws Exception {
    for (int i = 0; i < QUESTIONS; i++) {
      // Waits for a connection, and fails if ZooKeeper has refused us.
      client.checkExists().forPath("/");
      @Nullable List<ClientInfo> known = client.getZookeeperClient().getZooKeeper().whoAmI();
      // A lost connection's answer is null.
      if (known != null) {
        if (known.stream().anyMatch(info -> isUs(info, identity))) {
          return;
        }
        throw new EnsembleException(
            "ZooKeeper at "
                + connectString
                + " doesn't know us as "
                + identity
                + "; it must be 3.7 or newer, and for sasl have a JAAS configuration with this"
                + " user");
      }
    }
    throw new EnsembleException(
        "ZooKeeper at "
            + connectString
            + " was lost "
            + QUESTIONS
            + " times; is its quorum there?");
  }

  private static boolean isUs(ClientInfo info, Identity identity) {
    return info.getAuthScheme().equals(identity.scheme().wireName())
        && info.getUser().equals(identity.user());
  }

  private void setAccess(CuratorFramework client) throws Exception {
    List<ACL> wanted = accessList();
    int changed = 0;
    Deque<String> left = new ArrayDeque<>(List.of(ROOT));
    while (!left.isEmpty()) {
      String path = left.pop();
      try {
        Stat stat = new Stat();
        if (!client.getACL().storingStatIn(stat).forPath(path).equals(wanted)) {
          client.setACL().withACL(wanted).forPath(path);
          changed++;
        }
        // A child that is made from now on has its access list already.
        if (stat.getNumChildren() > 0) {
          client.getChildren().forPath(path).forEach(child -> left.push(path + "/" + child));
        }
      } catch (KeeperException.NoNodeException e) {
        // It is gone, and so is what was to be done.
      }
    }
    if (changed > 0) {
      log.info(
          "{} znodes are for {} from now on", changed, isOpen ? "everybody" : identity + " alone");
    }
  }

  private record SameForAll(List<ACL> accessList) implements ACLProvider {

    @Override
    public List<ACL> getDefaultAcl() {
      return accessList;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return accessList;
    }
  }
}
