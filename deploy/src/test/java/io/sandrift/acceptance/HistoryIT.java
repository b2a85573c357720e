package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.acceptance.HistoryChecker.Read;
import io.sandrift.acceptance.HistoryChecker.Write;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Initiators at all servers read and write while servers are killed, stopped, and cut off from
 * ZooKeeper or from one another, schedule after schedule; what they have seen must be explainable
 * ({@link HistoryChecker}). The system property {@code sandrift.history.seed} runs one schedule
 * again, and {@code sandrift.history.schedules} says how many there are.
 */
@Tag("S1")
@Tag("S13")
@Timeout(1500)
class HistoryIT {

  private static final int SCHEDULES = Integer.getInteger("sandrift.history.schedules", 50);
  private static final Long ONLY_SEED = Long.getLong("sandrift.history.seed");
  private static final int SERVERS = 3;
  private static final int BLOCKS = 12;
  private static final int BLOCK = 4096;
  private static final int UNIT = 1 << 20;
  private static final int OPERATIONS = 120;

  /** Nothing takes this long, however busy the machine: who still waits then waits for ever. */
  private static final Duration FOREVER = Duration.ofSeconds(240);

  private static final InitiatorOptions PATIENT =
      InitiatorOptions.DEFAULT.withTimeouts(
          Duration.ofSeconds(5), Duration.ofSeconds(20), FOREVER, FOREVER);

  @TempDir static Path directory;
  private static RunningCluster cluster;
  private static Initiator initiator;
  private static ExecutorService threads;

  private final AtomicLong lastValue = new AtomicLong();
  private final AtomicLong answeredWrites = new AtomicLong();
  private final AtomicLong answeredReads = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final Map<Integer, List<Write>> writes = new HashMap<>();
  private final Map<Integer, List<Read>> reads = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    cluster =
        RunningCluster.startCuttable(
            SERVERS, directory, "--zookeeper-session-timeout", "4s", "--peer-silence", "2s");
    cluster.createVolume("history", 64L * UNIT);
    initiator = new Initiator(PATIENT);
    threads = Executors.newCachedThreadPool();
  }

  @AfterAll
  static void stop() throws Exception {
    if (threads != null) {
      threads.shutdownNow();
    }
    if (initiator != null) {
      initiator.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void whatInitiatorsSeeIsExplainedByWhatTheyWroteWhateverServersGoThrough() throws Exception {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= SCHEDULES; seed++) {
      seeds.add(seed);
    }
    for (long seed : ONLY_SEED == null ? seeds : List.of(ONLY_SEED)) {
      String replay = "schedule " + seed + " (-Dsandrift.history.seed=" + seed + "): ";
      try {
        List<String> contradictions = run(seed);
        assertThat(contradictions).as(replay + "what can't be explained").isEmpty();
      } catch (Exception | Error e) {
        throw new AssertionError(replay + e, e);
      }
    }
    System.out.printf(
        "%d writes and %d reads answered, %d ended with an error%n",
        answeredWrites.get(), answeredReads.get(), errors.get());
    assertThat(answeredWrites.get() + answeredReads.get())
        .as("answered, of which there would be nothing to check otherwise")
        .isGreaterThan(errors.get());
  }

  private List<String> run(long seed) throws Exception {
    Random random = new Random(seed);
    beginAnew();
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      int server = i;
      long clientSeed = random.nextLong();
      clients.add(threads.submit(() -> client(server, new Random(clientSeed))));
    }
    disturb(random);
    for (Future<?> client : clients) {
      client.get(2 * FOREVER.toSeconds(), TimeUnit.SECONDS);
    }
    for (int server = 0; server < SERVERS; server++) {
      try (BlockDevice device = open(server)) {
        for (int block = 0; block < BLOCKS; block++) {
          read(device, block);
        }
      }
    }
    List<String> contradictions = new ArrayList<>();
    for (int block = 0; block < BLOCKS; block++) {
      for (String contradiction : HistoryChecker.check(writes.get(block), reads.get(block))) {
        contradictions.add("block " + block + ": " + contradiction);
      }
    }
    return contradictions;
  }

  /** Every block gets a first value; writes that never ended may still come, so they stay known. */
  private void beginAnew() throws Exception {
    try (BlockDevice device = open(0)) {
      for (int block = 0; block < BLOCKS; block++) {
        List<Write> open = new ArrayList<>(writes.getOrDefault(block, List.of()));
        open.removeIf(write -> write.ended() != HistoryChecker.NEVER);
        writes.put(block, open);
        reads.put(block, new ArrayList<>());
        write(device, block);
      }
    }
  }

  private void client(int server, Random random) {
    try {
      BlockDevice device = open(server);
      try {
        for (int i = 0; i < OPERATIONS; i++) {
          int block = random.nextInt(BLOCKS);
          try {
            if (random.nextBoolean()) {
              write(device, block);
            } else {
              read(device, block);
            }
          } catch (IOException e) {
            // An error is an answer: hosts know what to do. A new session goes on.
            errors.incrementAndGet();
            device.close();
            device = open(server);
          }
        }
      } finally {
        device.close();
      }
    } catch (Exception e) {
      throw new AssertionError("client at server " + (server + 1) + ": " + e, e);
    }
  }

  private void write(BlockDevice device, int block) throws IOException {
    long value = lastValue.incrementAndGet();
    ByteBuffer data = ByteBuffer.allocate(BLOCK);
    while (data.hasRemaining()) {
      data.putLong(value);
    }
    long called = System.nanoTime();
    long ended = HistoryChecker.NEVER;
    try {
      device.write(offset(block), data.flip());
      ended = System.nanoTime();
      answeredWrites.incrementAndGet();
    } finally {
      synchronized (this) {
        writes.get(block).add(new Write(value, called, ended));
      }
    }
  }

  private void read(BlockDevice device, int block) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(BLOCK);
    long called = System.nanoTime();
    device.read(offset(block), data);
    long ended = System.nanoTime();
    answeredReads.incrementAndGet();
    long[] words = new long[BLOCK / Long.BYTES];
    data.rewind().asLongBuffer().get(words);
    synchronized (this) {
      reads.get(block).add(new Read(HistoryChecker.valueOf(words), called, ended));
    }
  }

  private static long offset(int block) {
    // Each in a stripe unit, and so mostly in a partition, of its own.
    return (long) block * 5 * UNIT + 8192;
  }

  /** Kills, pauses and cuts; all is well again at the end. */
  private static void disturb(Random random) throws Exception {
    int victims = 1 + random.nextInt(2);
    for (int i = 0; i < victims; i++) {
      pass(random.nextInt(150));
      int number = 1 + random.nextInt(SERVERS);
      RunningCluster.Server server = cluster.server(number);
      switch (random.nextInt(8)) {
        case 0 -> {
          server.kill();
          pass(random.nextInt(300));
          server.restart();
        }
        case 1 -> {
          // Longer than its ZooKeeper session: it comes back to a cluster that took it for dead.
          server.pause();
          pass(random.nextInt(10) == 0 ? 6000 : random.nextInt(1500));
          server.resume();
        }
        case 2, 3 -> {
          server.pause();
          pass(random.nextInt(700));
          server.resume();
        }
        case 4, 5 -> {
          // Both live, and ZooKeeper is there; at times for longer than either's patience.
          int other = 1 + (number + random.nextInt(SERVERS - 1)) % SERVERS;
          cluster.cutLink(number, other);
          pass(random.nextInt(10) == 0 ? 4000 : random.nextInt(1500));
          cluster.mendLink(number, other);
        }
        default -> {
          cluster.wayToZooKeeper(number).cut();
          pass(random.nextInt(10) == 0 ? 5000 : random.nextInt(1500));
          cluster.wayToZooKeeper(number).mend();
        }
      }
    }
  }

  /** Time is what the schedule is made of here; nothing is expected of its length. */
  private static void pass(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  /** Opens the volume by way of one server first, and of the others when that is away. */
  private static BlockDevice open(int first) throws Exception {
    List<String> portals = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      portals.add(cluster.server(1 + (first + i) % SERVERS).portal());
    }
    DeviceUrl url =
        DeviceUrl.parse(
            "iscsi://" + String.join(",", portals) + "/iqn.2026-11.io.sandrift:history/0");
    long until = System.nanoTime() + FOREVER.toNanos();
    while (true) {
      try {
        return initiator.open(url);
      } catch (IOException e) {
        if (System.nanoTime() > until) {
          throw e;
        }
        pass(200);
      }
    }
  }
}
