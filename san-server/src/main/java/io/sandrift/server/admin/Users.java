package io.sandrift.server.admin;

import java.util.List;
import java.util.Optional;

/** The users of the admin API. Safe for all threads; changes wait for ZooKeeper. */
public interface Users {

  /** Nobody: for a server that asks no one who they are. */
  Users NONE =
      new Users() {
        @Override
        public List<User> list() {
          return List.of();
        }

        @Override
        public Optional<User> ofToken(String token) {
          return Optional.empty();
        }

        @Override
        public boolean add(User user) {
          throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public boolean replace(User user) {
          throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public boolean remove(String name) {
          throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public void onChange(Runnable listener) {}
      };

  /** All users, by name. */
  List<User> list();

  /** Whose token this is; from memory, so that it is known without ZooKeeper too. */
  Optional<User> ofToken(String token);

  /**
   * @return false if there is a user of that name already
   */
  boolean add(User user);

  /**
   * Gives the user of that name another role or token.
   *
   * @return false if there is none
   */
  boolean replace(User user);

  /**
   * @return false if there is none
   */
  boolean remove(String name);

  /** Calls {@code listener} whenever a user or a token may be no longer what it was. */
  void onChange(Runnable listener);
}
