package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The system's load at one moment of the past.
 *
 * @param mean mean pressure of the servers that were alive
 * @param max largest of them
 * @param imbalance max over mean
 * @param sessions of all servers that were alive
 * @param servers each that was alive, by id; empty in a large cluster
 */
public record TrendPoint(
    Instant at,
    double mean,
    double max,
    double imbalance,
    int sessions,
    SortedMap<ServerId, ServerPoint> servers) {

  public TrendPoint {
    servers = Collections.unmodifiableSortedMap(new TreeMap<>(servers));
  }
}
