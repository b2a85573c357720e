package io.sandrift.server.distribution;

import java.util.LinkedHashMap;
import java.util.Map;

/** Bounds what others can make this server remember. */
final class Bounded {

  private static final int MOST = 20_000;

  private Bounded() {}

  /** By name; when it is full, the eldest entry makes room. */
  static <V> Map<String, V> map() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > MOST;
      }
    };
  }
}
