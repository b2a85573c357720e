package io.sandrift.deploy.simulation;

import io.sandrift.load.membership.ServerId;
import java.util.Arrays;

/** A server: so much it can do, so many logins a second, and those that it serves. */
final class SimulatedServer {

  /** Commands under way from which latency climbs, of a server of capacity 1. */
  private static final double KNEE = 32;

  /** Up to this share of its capacity, its pressure is that share; beyond, commands queue up. */
  private static final double KNEE_SHARE = 0.8;

  private static final double CLIMB = 3;

  /** What a login takes. */
  private static final double LOGIN_MILLIS = 5;

  /** Over how many windows its pressure is averaged when it is judged. */
  private static final int AVERAGED = 10;

  /** Logins that would wait longer than this are refused. */
  private static final double LONGEST_QUEUE_MILLIS = 5_000;

  final int index;
  final ServerId id;
  final double relative;
  final double capacity;
  private int[] clients = new int[64];
  private int count;
  private boolean up;
  private int generation;
  private double busyUntil;
  private int logins;
  private final double[] last = new double[AVERAGED];
  private int windows;

  SimulatedServer(int index, double relative, double capacity) {
    this.index = index;
    this.id = new ServerId("s%05d".formatted(index));
    this.relative = relative;
    this.capacity = capacity;
  }

  boolean isUp() {
    return up;
  }

  /** Counts its lives: what was begun in another one comes to nothing. */
  int generation() {
    return generation;
  }

  void boot(long now) {
    up = true;
    generation++;
    busyUntil = now;
    windows = 0;
  }

  /** Dies; gives back whom it served. */
  int[] die() {
    up = false;
    generation++;
    int[] served = Arrays.copyOf(clients, count);
    count = 0;
    return served;
  }

  /**
   * Takes a login into its queue.
   *
   * @return how long it will take, in milliseconds; negative when the queue is full
   */
  double queue(long now) {
    double start = Math.max((double) now, busyUntil);
    if (start - now > LONGEST_QUEUE_MILLIS) {
      return -1;
    }
    busyUntil = start + LOGIN_MILLIS / relative;
    return busyUntil - now;
  }

  /** Serves a client from now on; gives its place. */
  int add(int client) {
    if (count == clients.length) {
      clients = Arrays.copyOf(clients, 2 * count);
    }
    clients[count] = client;
    return count++;
  }

  /** Frees a place; gives the client that has it now instead, or -1. */
  int removeAt(int place) {
    count--;
    if (place == count) {
      return -1;
    }
    clients[place] = clients[count];
    return clients[place];
  }

  int count() {
    return count;
  }

  int client(int place) {
    return clients[place];
  }

  void countLogin() {
    logins++;
  }

  int logins() {
    return logins;
  }

  double knee() {
    return KNEE * relative;
  }

  /** The pressure under a demand. */
  double pressure(double demand) {
    double used = demand / capacity;
    return used <= KNEE_SHARE ? used : KNEE_SHARE + CLIMB * (used - KNEE_SHARE);
  }

  /** The mean pressure of the last windows in this life; called once in each. */
  double averaged(double demand) {
    last[windows % AVERAGED] = pressure(demand);
    windows++;
    int count = Math.min(windows, AVERAGED);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += last[i];
    }
    return sum / count;
  }
}
