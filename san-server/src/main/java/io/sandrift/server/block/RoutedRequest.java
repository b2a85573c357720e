package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;

/**
 * One request of a nexus, from owner to owner until it has ended.
 *
 * <pre>
 *   MOVED                 look for a newer map, ask its owner
 *   UNAVAILABLE, CUT_OFF  (the owner can't be reached) ask again, after a pause
 *   FENCED                the nexus is over; its listener is told
 * </pre>
 *
 * <p>That goes on for as long as the route has patience.
 */
abstract class RoutedRequest extends BlockRequest {

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  private final RoutedReplica route;
  private PartitionMap map;
  private boolean isHere;

  /** When the first attempt began; 0 while it is at this server, where nothing is waited for. */
  private long begunNanos;

  private int failures;

  RoutedRequest(
      RoutedReplica route,
      Operation operation,
      long unit,
      int offset,
      ByteBuf buffer,
      int index,
      int length) {
    super(operation, unit, offset, buffer, index, length);
    this.route = route;
    this.map = route.map();
  }

  /** The end, after the last attempt. */
  abstract void finish(IoStatus status);

  /** Begins an attempt. */
  final void attempt() {
    if (route.isClosed()) {
      finish(route.isFenced() ? IoStatus.FENCED : IoStatus.UNAVAILABLE);
    } else {
      ask(map);
    }
  }

  /** Asks whom the map names; each call ends in one of {@link #end} and {@link #ended}. */
  void ask(PartitionMap by) {
    PartitionEntry entry = by.entry(route.layout().partitionOf(unit()));
    setEpoch(entry.epoch());
    isHere = route.isHere(entry.primary());
    if (!isHere) {
      begin();
    }
    route.submit(entry.primary(), this);
  }

  /** From now on, if not already before, patience is running out. */
  final void begin() {
    if (begunNanos == 0) {
      begunNanos = System.nanoTime();
    }
  }

  @Override
  public final void end(IoStatus status) {
    ended(status, isHere);
  }

  /**
   * An attempt has ended.
   *
   * @param wasHere whether it was this server that ended it so
   */
  final void ended(IoStatus status, boolean wasHere) {
    if (status == IoStatus.FENCED) {
      route.fenced();
    }
    if (mayBeTriedAgain(status, wasHere)) {
      again(status);
    } else {
      finish(status);
    }
  }

  /** Whether another attempt may end otherwise. */
  final boolean mayBeTriedAgain(IoStatus status, boolean wasHere) {
    return switch (status) {
      case MOVED -> true;
      case CUT_OFF -> operation().isRepeatable();
      case UNAVAILABLE -> !wasHere;
      default -> false;
    };
  }

  private void again(IoStatus reason) {
    begin();
    failures++;
    if (route.isClosed() || route.isOutOfPatience(begunNanos)) {
      finish(IoStatus.UNAVAILABLE);
    } else if (reason == IoStatus.MOVED) {
      // The first refusal by a former owner is answered at once by the newer map.
      route
          .refresh(map)
          .whenComplete(
              (newest, failure) -> {
                boolean isNewer = newest != null && newest.version() != map.version();
                if (isNewer) {
                  map = newest;
                  attempt();
                } else {
                  afterPause();
                }
              });
    } else {
      map = route.map();
      afterPause();
    }
  }

  private void afterPause() {
    long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures - 1, 10));
    if (!route.later(this::attempt, pause)) {
      finish(IoStatus.UNAVAILABLE);
    }
  }
}
