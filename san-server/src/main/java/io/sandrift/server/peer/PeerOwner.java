package io.sandrift.server.peer;

import io.netty.channel.EventLoop;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.NexusEpochs;
import io.sandrift.server.block.PartitionOwner;
import io.sandrift.server.trace.Trace;
import io.sandrift.volume.catalog.Volume;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One nexus's way to the partitions of a volume at another server. Confined to the nexus's event
 * loop.
 *
 * <p>Before the first request over a connection the nexus is opened there. Unless this is the login
 * itself, its epoch is looked up first, and only after the connection stands: a peer that was
 * restarted has forgotten whom it had fenced, and this server may have slept through a newer login.
 */
public final class PeerOwner implements PartitionOwner {

  /** More are told to come again. */
  private static final int MAX_WAITING = 4096;

  /** Without ZooKeeper for that long, those who wait are told, and may ask again. */
  private static final Duration LOOK_UP_LIMIT = Duration.ofSeconds(2);

  private final PeerLinks links;
  private final EventLoop loop;
  private final ServerId server;
  private final Volume volume;
  private final String nexus;
  private final long epoch;
  private final NexusEpochs epochs;
  private final Trace trace;
  private final ArrayDeque<BlockRequest> waiting = new ArrayDeque<>();
  private final List<CompletableFuture<Void>> openings = new ArrayList<>();

  /** Over which the nexus is open, or was. */
  private @Nullable PeerConnection connection;

  private int handle;
  private int openingsSent;
  private boolean isOpening;
  private boolean isFenced;
  private boolean isClosed;

  /**
   * @param loop the nexus's own, on which all methods are called
   * @param trace of the login that this is for
   */
  public PeerOwner(
      PeerLinks links,
      EventLoop loop,
      ServerId server,
      Volume volume,
      String nexus,
      long epoch,
      NexusEpochs epochs,
      Trace trace) {
    this.links = links;
    this.loop = loop;
    this.server = server;
    this.volume = volume;
    this.nexus = nexus;
    this.epoch = epoch;
    this.epochs = epochs;
    this.trace = trace;
  }

  @Override
  public CompletableFuture<Void> open() {
    CompletableFuture<Void> opening = new CompletableFuture<>();
    if (isOpen()) {
      opening.complete(null);
    } else {
      openings.add(opening);
      begin(true);
    }
    return opening;
  }

  @Override
  public void submit(BlockRequest request) {
    PeerConnection open = connection;
    if (isFenced) {
      request.end(IoStatus.FENCED);
    } else if (isClosed || waiting.size() >= MAX_WAITING) {
      request.end(IoStatus.UNAVAILABLE);
    } else if (open != null && open.isOpen() && !isOpening) {
      open.submit(handle, request);
    } else {
      waiting.add(request);
      begin(false);
    }
  }

  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (isOpen() && connection != null) {
      connection.closeHandle(handle);
    }
    end(IoStatus.UNAVAILABLE);
  }

  private boolean isOpen() {
    return connection != null && connection.isOpen() && !isOpening;
  }

  private void begin(boolean isLogin) {
    if (isOpening) {
      return;
    }
    PeerConnection next = links.find(loop, server);
    if (next == null) {
      end(IoStatus.UNAVAILABLE);
      return;
    }
    isOpening = true;
    next.whenOpen(
        stands -> {
          if (!stands) {
            isOpening = false;
            end(IoStatus.UNAVAILABLE);
          } else if (isLogin) {
            open(next);
          } else {
            lookUp(next);
          }
        });
  }

  private void lookUp(PeerConnection next) {
    epochs
        .isCurrent(volume, nexus, epoch)
        .orTimeout(LOOK_UP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (current, failure) -> {
              if (failure != null) {
                isOpening = false;
                end(IoStatus.UNAVAILABLE);
              } else if (current) {
                open(next);
              } else {
                isOpening = false;
                isFenced = true;
                end(IoStatus.FENCED);
              }
            },
            loop);
  }

  private void open(PeerConnection next) {
    if (!next.isOpen() || isClosed) {
      isOpening = false;
      end(IoStatus.UNAVAILABLE);
      return;
    }
    next.open(
        volume.id(),
        nexus,
        epoch,
        openingsSent++,
        trace,
        (status, opened) -> {
          isOpening = false;
          if (status == IoStatus.OK && isClosed) {
            next.closeHandle(opened);
          } else if (status == IoStatus.OK) {
            connection = next;
            handle = opened;
            opened();
          } else if (status == IoStatus.FENCED) {
            isFenced = true;
            end(IoStatus.FENCED);
          } else {
            end(IoStatus.UNAVAILABLE);
          }
        });
  }

  private void opened() {
    List<CompletableFuture<Void>> told = List.copyOf(openings);
    openings.clear();
    told.forEach(opening -> opening.complete(null));
    List<BlockRequest> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(this::submit);
  }

  private void end(IoStatus status) {
    List<CompletableFuture<Void>> told = List.copyOf(openings);
    openings.clear();
    List<BlockRequest> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(request -> request.end(status));
    PeerException.Reason reason =
        status == IoStatus.FENCED ? PeerException.Reason.REFUSED : PeerException.Reason.UNREACHABLE;
    told.forEach(
        opening ->
            opening.completeExceptionally(
                new PeerException(reason, "nexus not open at " + server + ": " + status)));
  }
}
