package io.sandrift.server.unit;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.unit.UnitMessage.Answer;
import io.sandrift.server.unit.UnitMessage.Kind;
import io.sandrift.volume.catalog.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Brings a message to every other server, until each has done what it says or can't matter any
 * more:
 *
 * <ul>
 *   <li>its membership has ended: its lease ended before that, so it answers BUSY for units that
 *       grant anybody anything;
 *   <li>it began after the state was written: it reads the state itself before it is sure of it.
 * </ul>
 */
final class Spreading {

  /** How long one attempt may take: others may have to wait for I/O that they end. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private static final Duration RETRY_AFTER = Duration.ofMillis(200);

  private final ServerId self;
  private final PeerCalls peers;
  private final ClusterMembers members;
  private final ScheduledExecutorService thread;
  private final LongSupplier nanoClock;

  Spreading(
      ServerId self,
      PeerCalls peers,
      ClusterMembers members,
      ScheduledExecutorService thread,
      LongSupplier nanoClock) {
    this.self = self;
    this.peers = peers;
    this.members = members;
    this.thread = thread;
    this.nanoClock = nanoClock;
  }

  /**
   * Tells all others that a volume's state is to be taken over.
   *
   * @param changedAt when it was written
   * @param untilNanos when to give up; then the result fails
   * @return whether any of them has gone by an earlier state already
   */
  CompletableFuture<Boolean> takeOver(
      VolumeId volume, long revision, byte[] content, long changedAt, long untilNanos) {
    return all(new UnitMessage(Kind.TAKE_OVER, volume, revision, content), changedAt, untilNanos);
  }

  /** Tells all others that a volume's state is settled. */
  CompletableFuture<Boolean> settle(
      VolumeId volume, long revision, long changedAt, long untilNanos) {
    return all(new UnitMessage(Kind.SETTLE, volume, revision, new byte[0]), changedAt, untilNanos);
  }

  private CompletableFuture<Boolean> all(UnitMessage message, long changedAt, long untilNanos) {
    byte[] request = message.encode();
    return members
        .list()
        .thenCompose(
            listed -> {
              List<CompletableFuture<Answer>> answers = new ArrayList<>();
              for (Map.Entry<ServerId, Long> member : listed.entrySet()) {
                if (!member.getKey().equals(self)) {
                  Telling telling = new Telling(member.getKey(), request, changedAt, untilNanos);
                  telling.attempt();
                  answers.add(telling.outcome);
                }
              }
              return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                  .thenApply(
                      done ->
                          answers.stream()
                              .anyMatch(answer -> answer.join() == Answer.DONE_BY_WITNESS));
            });
  }

  /** One server being told, again and again. */
  private final class Telling {

    private final ServerId server;
    private final byte[] request;
    private final long changedAt;
    private final long untilNanos;
    private final CompletableFuture<Answer> outcome = new CompletableFuture<>();

    Telling(ServerId server, byte[] request, long changedAt, long untilNanos) {
      this.server = server;
      this.request = request;
      this.changedAt = changedAt;
      this.untilNanos = untilNanos;
    }

    void attempt() {
      peers
          .call(server, UnitMessage.TOPIC, request, ANSWER_LIMIT)
          .thenApply(UnitMessage::decodeAnswer)
          .whenComplete(
              (answer, failure) -> {
                if (failure == null) {
                  outcome.complete(answer);
                } else {
                  askWhetherItMatters(failure);
                }
              });
    }

    private void askWhetherItMatters(Throwable why) {
      members
          .find(server)
          .whenComplete(
              (membership, failure) -> {
                boolean isKnown = failure == null;
                if (isKnown && (membership.isEmpty() || membership.get() > changedAt)) {
                  outcome.complete(Answer.NOT_SERVED);
                } else if (nanoClock.getAsLong() - untilNanos > 0) {
                  outcome.completeExceptionally(
                      new UnitsException("server " + server + " has not taken it over", why));
                } else {
                  thread.schedule(this::attempt, RETRY_AFTER.toMillis(), TimeUnit.MILLISECONDS);
                }
              });
    }
  }
}
