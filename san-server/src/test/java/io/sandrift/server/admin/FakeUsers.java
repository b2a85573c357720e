package io.sandrift.server.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Users in memory. */
final class FakeUsers implements Users {

  private final Map<String, User> users = new ConcurrentSkipListMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  @Override
  public List<User> list() {
    return new ArrayList<>(users.values());
  }

  @Override
  public Optional<User> ofToken(String token) {
    return users.values().stream()
        .filter(user -> user.tokenHash().equals(Tokens.hash(token)))
        .findFirst();
  }

  @Override
  public boolean add(User user) {
    return users.putIfAbsent(user.name(), user) == null;
  }

  @Override
  public boolean replace(User user) {
    boolean replaced = users.replace(user.name(), user) != null;
    listeners.forEach(Runnable::run);
    return replaced;
  }

  @Override
  public boolean remove(String name) {
    boolean removed = users.remove(name) != null;
    listeners.forEach(Runnable::run);
    return removed;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
