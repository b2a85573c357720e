package io.sandrift.server.distribution;

import java.util.LinkedHashMap;
import java.util.Map;

/** Bounds what others can make this server remember. */
final class Bounded {

  private static final int MOST = 20_000;

  private Bounded() {}

  /** By name, for as many entries as sessions may need. */
  static <V> Map<String, V> map() {
    return map(MOST);
  }

  /**
   * When it is full, the eldest entry makes room.
   *
   * @param most entries
   */
  static <K, V> Map<K, V> map(int most) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
