package io.sandrift.server.repartition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.repartition.ClusterStanding;
import io.sandrift.volume.repartition.PartitionStanding;
import io.sandrift.volume.repartition.ServerStanding;
import io.sandrift.volume.repartition.VolumeStanding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts together what plans are made from: asks every server what its partitions hold and are used
 * for, and answers that itself. Safe for all threads; {@link #take} blocks.
 */
final class StandingSurvey implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StandingSurvey.class);

  private static final String TOPIC = "repartition.standing";
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerId self;
  private final HostedVolumes volumes;
  private final PeerCalls calls;
  private final StoreRoom room;
  private final Supplier<List<Member>> members;
  private final Supplier<SystemLoad> load;
  private final Predicate<ServerId> isDraining;
  private final PartitionRates rates = new PartitionRates();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "repartition-survey");
            worker.setDaemon(true);
            return worker;
          });

  /**
   * What one server says.
   *
   * @param usedBytes by volume and partition
   * @param rates likewise
   */
  private record Answer(
      long capacityBytes,
      long freeBytes,
      Map<VolumeId, Map<Integer, Long>> usedBytes,
      Map<VolumeId, Map<Integer, PartitionRate>> rates) {}

  StandingSurvey(
      ServerId self,
      HostedVolumes volumes,
      PeerCalls calls,
      StoreRoom room,
      Supplier<List<Member>> members,
      Supplier<SystemLoad> load,
      Predicate<ServerId> isDraining) {
    this.self = self;
    this.volumes = volumes;
    this.calls = calls;
    this.room = room;
    this.members = members;
    this.load = load;
    this.isDraining = isDraining;
  }

  void start() {
    calls.serve(TOPIC, (from, request) -> answer());
    thread.scheduleWithFixedDelay(
        () -> rates.measure(volumes.allHosted(), System.nanoTime()),
        0,
        PartitionRates.INTERVAL.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdown();
  }

  /**
   * The cluster's standing, as far as servers answer; one that is registered and doesn't counts as
   * one that isn't alive.
   *
   * @param catalog the volumes that there are
   */
  ClusterStanding take(List<Volume> catalog) {
    Map<ServerId, Answer> answers = ask();
    List<ServerStanding> servers = new ArrayList<>();
    SystemLoad view = load.get();
    for (Member member : members.get()) {
      Answer answer = answers.get(member.id());
      if (answer != null) {
        ServerLoad known = view.find(member.id());
        servers.add(
            new ServerStanding(
                member.id(),
                member.weight(),
                answer.capacityBytes,
                answer.freeBytes,
                known == null ? 0 : Math.max(0, known.pressure().value()),
                isDraining.test(member.id())));
      }
    }
    List<VolumeStanding> standings = new ArrayList<>();
    for (Volume volume : catalog) {
      Optional<HostedVolume> hosted = volumes.hosted(volume.id());
      if (hosted.isEmpty()) {
        continue;
      }
      PartitionMap map = hosted.get().map();
      List<PartitionStanding> partitions = new ArrayList<>();
      for (int p = 0; p < map.size(); p++) {
        ServerId owner = map.entry(p).primary();
        Answer answer = answers.get(owner);
        long used = 0;
        double operations = 0;
        if (answer != null) {
          used = answer.usedBytes.getOrDefault(volume.id(), Map.of()).getOrDefault(p, 0L);
          PartitionRate rate = answer.rates.getOrDefault(volume.id(), Map.of()).get(p);
          operations = rate == null ? 0 : rate.operationsPerSecond();
        }
        partitions.add(new PartitionStanding(owner, used, operations));
      }
      standings.add(new VolumeStanding(volume.name(), volume.id(), partitions));
    }
    return new ClusterStanding(servers, standings);
  }

  /**
   * What passes through each partition of a volume, by its number; what nobody tells is left out.
   */
  Map<Integer, PartitionRate> rates(VolumeId volume) {
    Map<Integer, PartitionRate> all = new TreeMap<>();
    ask().values().forEach(answer -> all.putAll(answer.rates.getOrDefault(volume, Map.of())));
    return all;
  }

  private Map<ServerId, Answer> ask() {
    Map<ServerId, CompletableFuture<byte[]>> asked = new HashMap<>();
    for (Member member : members.get()) {
      asked.put(member.id(), calls.call(member.id(), TOPIC, new byte[0], ANSWER_LIMIT));
    }
    Map<ServerId, Answer> answers = new HashMap<>();
    asked.forEach(
        (server, answer) -> {
          try {
            answers.put(
                server, decode(answer.get(ANSWER_LIMIT.toMillis() + 1000, TimeUnit.MILLISECONDS)));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (ExecutionException | TimeoutException | IOException e) {
            LOG.warn("server {} doesn't say what it holds: {}", server, e.getMessage());
          }
        });
    return answers;
  }

  // ---- This server's own answer.

  private CompletableFuture<byte[]> answer() {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    try {
      thread.execute(
          () -> {
            try {
              answer.complete(JSON.writeValueAsBytes(encode()));
            } catch (IOException | RuntimeException e) {
              answer.completeExceptionally(
                  new PeerException(
                      PeerException.Reason.REFUSED, "server " + self + " can't say: " + e));
            }
          });
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new PeerException(PeerException.Reason.REFUSED, "server " + self + " is stopping"));
    }
    return answer;
  }

  private ObjectNode encode() throws IOException {
    ObjectNode node =
        JSON.createObjectNode()
            .put("capacityBytes", room.capacityBytes())
            .put("freeBytes", Math.max(0, room.freeBytes()));
    ArrayNode all = node.putArray("volumes");
    for (HostedVolume volume : volumes.allHosted()) {
      ArrayNode partitions =
          all.addObject().put("id", volume.volume().id().toString()).putArray("partitions");
      long[] used = usedBytes(volume);
      for (int p = 0; p < used.length; p++) {
        if (volume.owned().owns(p)) {
          PartitionRate rate = rates.of(volume.volume().id(), p);
          partitions
              .addArray()
              .add(p)
              .add(used[p])
              .add(rate.operationsPerSecond())
              .add(rate.bytesPerSecond());
        }
      }
    }
    return node;
  }

  private static long[] usedBytes(HostedVolume volume) {
    int unitBytes = volume.layout().unitBytes();
    long units = volume.layout().unitOf(volume.volume().sizeBytes() - 1) + 1;
    long[] used = new long[volume.layout().partitions()];
    for (long first = 0; first < units; first += PartitionReplica.MAX_ALLOCATION_UNITS) {
      long from = first;
      int count = (int) Math.min(PartitionReplica.MAX_ALLOCATION_UNITS, units - first);
      // A store that is asked directly answers before it returns.
      volume
          .store()
          .allocation(
              first,
              count,
              (status, bits) ->
                  bits.stream()
                      .forEach(i -> used[volume.layout().partitionOf(from + i)] += unitBytes));
    }
    return used;
  }

  private static Answer decode(byte[] bytes) throws IOException {
    JsonNode node = JSON.readTree(bytes);
    Map<VolumeId, Map<Integer, Long>> used = new HashMap<>();
    Map<VolumeId, Map<Integer, PartitionRate>> rates = new HashMap<>();
    for (JsonNode volume : node.path("volumes")) {
      VolumeId id = VolumeId.parse(volume.path("id").asText());
      for (JsonNode partition : volume.path("partitions")) {
        int number = partition.path(0).asInt();
        used.computeIfAbsent(id, key -> new HashMap<>()).put(number, partition.path(1).asLong());
        rates
            .computeIfAbsent(id, key -> new HashMap<>())
            .put(
                number,
                new PartitionRate(partition.path(2).asDouble(), partition.path(3).asDouble()));
      }
    }
    return new Answer(
        node.path("capacityBytes").asLong(), node.path("freeBytes").asLong(), used, rates);
  }
}
