package io.sandrift.server.distribution;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Asks all servers for what each knows of its sessions. Safe for all threads. */
final class SessionDirectory {

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  private final Surroundings surroundings;
  private final Mesh mesh;

  SessionDirectory(Surroundings surroundings, Mesh mesh) {
    this.surroundings = surroundings;
    this.mesh = mesh;
  }

  /**
   * The sessions of all servers that answer, by server and volume.
   *
   * @param id whose; empty for all
   */
  CompletableFuture<List<SessionInfo>> sessions(String id) {
    return mesh.askAll(
            surroundings.members(),
            Wire.SESSIONS,
            new Wire.Which(id, Integer.MAX_VALUE),
            Wire.Sessions.class,
            ANSWER_LIMIT)
        .thenApply(
            answers ->
                answers.values().stream()
                    .flatMap(each -> each.sessions().stream())
                    .sorted(
                        Comparator.comparing(SessionInfo::server)
                            .thenComparing(SessionInfo::volume)
                            .thenComparing(SessionInfo::id))
                    .toList());
  }

  /**
   * What all servers that answer have decided, the newest first.
   *
   * @param further decisions to put in their places among these
   */
  CompletableFuture<List<Assignment>> assignments(Wire.Which which, List<Assignment> further) {
    return mesh.askAll(
            surroundings.members(), Wire.ASSIGNMENTS, which, Wire.Assignments.class, ANSWER_LIMIT)
        .thenApply(
            answers ->
                Stream.concat(
                        further.stream(),
                        answers.values().stream().flatMap(each -> each.assignments().stream()))
                    .sorted(Comparator.comparingLong(Assignment::atMillis).reversed())
                    .limit(which.most())
                    .toList());
  }
}
