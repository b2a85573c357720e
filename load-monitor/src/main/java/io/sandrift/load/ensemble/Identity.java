package io.sandrift.load.ensemble;

import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/**
 * Who the processes of a cluster are in ZooKeeper: one user for all of them.
 *
 * @param scheme how they prove it
 * @param user its name, without a colon
 * @param password what they prove it by; never shown
 */
public record Identity(Scheme scheme, String user, String password) {

  /** The ways of proving it that ZooKeeper has for names and passwords. */
  public enum Scheme {
    /** SASL with DIGEST-MD5: ZooKeeper knows its users, and the password isn't sent. */
    SASL,

    /**
     * ZooKeeper's own "digest": the password is sent, and access lists hold its hash, so that
     * ZooKeeper needs to be told of nobody.
     */
    DIGEST;

    /** As ZooKeeper's access lists name it. */
    String wireName() {
      return this == SASL ? "sasl" : "digest";
    }
  }

  public Identity {
    if (user.isEmpty() || user.indexOf(':') >= 0) {
      throw new IllegalArgumentException("user '" + user + "' is empty or has a colon");
    }
    if (password.isEmpty()) {
      throw new IllegalArgumentException("the password of user '" + user + "' is empty");
    }
  }

  /**
   * The access list by which this user may do everything with a znode, and nobody else anything.
   */
  public List<ACL> alone() {
    // Not List.of: ZooKeeper asks whether null is in it.
    return Collections.singletonList(new ACL(Perms.ALL, new Id(scheme.wireName(), id())));
  }

  private String id() {
    if (scheme == Scheme.SASL) {
      return user;
    }
    try {
      return DigestAuthenticationProvider.generateDigest(user + ":" + password);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /** What scheme "digest" sends. */
  byte[] proof() {
    return (user + ":" + password).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return scheme.wireName() + ":" + user;
  }
}
