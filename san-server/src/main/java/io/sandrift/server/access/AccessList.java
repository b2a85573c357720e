package io.sandrift.server.access;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who may use one volume. Immutable.
 *
 * @param isOpen whether whoever no rule keeps out may; without, only whom a rule lets in
 * @param rules at most {@link #MOST_RULES}
 * @param chapUsers whose secrets are accepted, by name, sealed; when there is one, everybody must
 *     be one of them
 * @param mutual what the target proves itself with; null when it doesn't
 */
public record AccessList(
    boolean isOpen,
    List<AccessRule> rules,
    SortedMap<String, String> chapUsers,
    @Nullable Mutual mutual) {

  /** More would make the list's znode, and each login, heavy. */
  public static final int MOST_RULES = 256;

  /** The same for CHAP users. */
  public static final int MOST_USERS = 64;

  /** Lets nobody in. */
  public static final AccessList CLOSED = new AccessList(false, List.of(), new TreeMap<>(), null);

  /** Lets everybody in. */
  public static final AccessList OPEN = new AccessList(true, List.of(), new TreeMap<>(), null);

  /** The target's own CHAP name, and its sealed secret. */
  public record Mutual(String name, String sealed) {}

  public AccessList {
    rules = List.copyOf(rules);
    chapUsers = new TreeMap<>(chapUsers);
    if (rules.size() > MOST_RULES || chapUsers.size() > MOST_USERS) {
      throw new IllegalArgumentException(
          "a volume has at most "
              + MOST_RULES
              + " rules and "
              + MOST_USERS
              + " CHAP users; one rule can be for a whole network");
    }
  }

  @Override
  public SortedMap<String, String> chapUsers() {
    return new TreeMap<>(chapUsers);
  }

  /** Whether this initiator, coming from there, may log in, once it has proven what it has to. */
  boolean admits(String initiator, InetAddress from) {
    String name = initiator.toLowerCase(Locale.ROOT);
    boolean admitted = isOpen;
    for (AccessRule rule : rules) {
      if (rule.matches(name, from)) {
        if (!rule.isAllowed()) {
          return false;
        }
        admitted = true;
      }
    }
    return admitted;
  }

  public AccessList opened(boolean open) {
    return new AccessList(open, rules, chapUsers, mutual);
  }

  /** With this rule, which takes the place of one about the same. */
  public AccessList with(AccessRule rule) {
    List<AccessRule> changed = new ArrayList<>(without(rule).rules);
    changed.add(rule);
    return new AccessList(isOpen, changed, chapUsers, mutual);
  }

  /** Without the rule about the same, if there is one. */
  public AccessList without(AccessRule rule) {
    return new AccessList(
        isOpen,
        rules.stream().filter(known -> !known.isAboutTheSame(rule)).toList(),
        chapUsers,
        mutual);
  }

  /** With this user, or without it when there is no secret. */
  AccessList withUser(String name, @Nullable String sealed) {
    SortedMap<String, String> changed = chapUsers();
    if (sealed == null) {
      changed.remove(name);
    } else {
      changed.put(name, sealed);
    }
    return new AccessList(isOpen, rules, changed, mutual);
  }

  AccessList withMutual(@Nullable Mutual changed) {
    return new AccessList(isOpen, rules, chapUsers, changed);
  }
}
