import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.IscsiName;
import java.io.BufferedReader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What client distribution costs and reaches, on a cluster that runs. Started by session-moves and
 * skew, which say what each argument is.
 */
public final class ClusterBench {

  private static final int BLOCK = 4096;
  private static final int PLACES = 256;
  private static final long STRIPE_UNIT = 1 << 20;

  /**
   * Pressures are averaged over so many seconds before they are compared, as the simulator's are.
   */
  private static final int AVERAGED = 10;

  private static final double EVEN = 1.15;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String admin;
  private final String url;
  private final List<Client> clients = new ArrayList<>();
  private final long[] units;

  private ClusterBench(String admin, String url) throws Exception {
    this.admin = admin;
    this.url = url;
    this.units = units();
  }

  /**
   * Stripe units of all servers in turn: wherever a client is, the same share of its blocks is
   * there. So what is measured is how clients are spread, and not how the volume's partitions are.
   */
  private long[] units() throws Exception {
    Map<String, List<Integer>> owned = new TreeMap<>();
    JsonNode partitions = get("/v1/volumes/demo/map").path("partitions");
    for (JsonNode each : partitions) {
      owned
          .computeIfAbsent(each.path("server").asText(), server -> new ArrayList<>())
          .add(each.path("partition").asInt());
    }
    List<List<Integer>> owners = List.copyOf(owned.values());
    long[] units = new long[PLACES];
    for (int place = 0; place < PLACES; place++) {
      List<Integer> own = owners.get(place % owners.size());
      int turn = place / owners.size();
      units[place] = own.get(turn % own.size()) + (long) partitions.size() * (turn / own.size());
    }
    return units;
  }

  public static void main(String[] arguments) throws Exception {
    ClusterBench bench = new ClusterBench(arguments[1], arguments[2]);
    int sessions = Integer.parseInt(arguments[3]);
    int amount = Integer.parseInt(arguments[4]);
    if (arguments[0].equals("moves")) {
      bench.moves(sessions, amount, Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
    } else {
      bench.skew(sessions, amount, Integer.parseInt(arguments[5]), Long.parseLong(arguments[6]));
    }
    System.exit(0);
  }

  /** A volume through some initiator. A block holds what its version and its place make of it. */
  private interface Medium extends AutoCloseable {
    void write(long offset, long version) throws Exception;

    /** Fails when the block there has another version. */
    void verify(long offset, long version) throws Exception;
  }

  /** By our own initiator. */
  private static final class OwnMedium implements Medium {
    private final Initiator initiator;
    private final BlockDevice device;

    OwnMedium(String name, String url) throws Exception {
      initiator = new Initiator(InitiatorOptions.DEFAULT.withInitiatorName(new IscsiName(name)));
      device = initiator.open(DeviceUrl.parse(url));
    }

    @Override
    public void write(long offset, long version) throws Exception {
      device.write(offset, stamped(offset, version));
    }

    @Override
    public void verify(long offset, long version) throws Exception {
      ByteBuffer read = ByteBuffer.allocate(BLOCK);
      device.read(offset, read);
      if (!stamped(offset, version).equals(read.clear())) {
        throw new IllegalStateException("offset " + offset + " has other data than were written");
      }
    }

    private static ByteBuffer stamped(long offset, long version) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      while (block.hasRemaining()) {
        block.putLong(version).putLong(offset);
      }
      return block.flip();
    }

    @Override
    public void close() {
      device.close();
      initiator.close();
    }
  }

  /** By QEMU's, which is libiscsi: a qemu-io that is told what to do line by line. */
  private static final class QemuMedium implements Medium {
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    QemuMedium(String name, String url) throws Exception {
      DeviceUrl device = DeviceUrl.parse(url);
      process =
          new ProcessBuilder(
                  "qemu-io",
                  "--image-opts",
                  "driver=raw,file.driver=iscsi,file.transport=tcp,file.portal="
                      + device.portals().get(0).host()
                      + ":"
                      + device.portals().get(0).port()
                      + ",file.target="
                      + device.target().value()
                      + ",file.lun=0,file.initiator-name="
                      + name)
              .redirectErrorStream(true)
              .start();
      commands = process.outputWriter();
      answers = process.inputReader();
    }

    @Override
    public void write(long offset, long version) throws Exception {
      tell("write -P " + pattern(offset, version) + " " + offset + " " + BLOCK);
    }

    @Override
    public void verify(long offset, long version) throws Exception {
      tell("read -P " + pattern(offset, version) + " " + offset + " " + BLOCK);
    }

    private static long pattern(long offset, long version) {
      return (version + offset / BLOCK) & 0xff;
    }

    private void tell(String command) throws Exception {
      commands.write(command + "\n");
      commands.flush();
      String line = answers.readLine();
      // Two lines: what was done, and how fast.
      while (line != null && !line.contains(" ops; ")) {
        if (line.contains("ailed") || line.contains("rror")) {
          throw new IllegalStateException(command + ": " + line);
        }
        line = answers.readLine();
      }
      if (line == null) {
        throw new IllegalStateException("qemu-io has ended");
      }
    }

    @Override
    public void close() throws Exception {
      commands.close();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** One verified writer and reader, on blocks of the volume of its own. */
  private final class Client implements AutoCloseable {
    final String name;
    final Medium medium;
    final int number;
    final Random random;
    final long[] versions = new long[PLACES];
    final Thread thread = new Thread(this::run);
    final long pauseMicros;
    volatile boolean isStopped;
    volatile long operations;
    volatile long longestNanos;
    volatile String failure = "";

    Client(int number, String name, Medium medium, long pauseMicros) throws Exception {
      this.name = name;
      this.medium = medium;
      this.number = number;
      random = new Random(number);
      this.pauseMicros = pauseMicros;
      // What an earlier run left is overwritten, so that everything read was written here.
      for (int place = 0; place < PLACES; place++) {
        write(place);
      }
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      try {
        while (!isStopped) {
          int place = random.nextInt(PLACES);
          long begun = System.nanoTime();
          if (random.nextBoolean()) {
            write(place);
          } else {
            verify(place);
          }
          longestNanos = Math.max(longestNanos, System.nanoTime() - begun);
          operations++;
          if (pauseMicros > 0) {
            TimeUnit.MICROSECONDS.sleep(pauseMicros);
          }
        }
      } catch (Throwable e) {
        failure = e.toString();
      }
    }

    private void write(int place) throws Exception {
      versions[place]++;
      medium.write(offset(place), versions[place]);
    }

    private void verify(int place) throws Exception {
      medium.verify(offset(place), versions[place]);
    }

    /** Each place is in a stripe unit of its own, which all clients share. */
    private long offset(int place) {
      return units[place] * STRIPE_UNIT + (long) number * BLOCK;
    }

    @Override
    public void close() throws Exception {
      isStopped = true;
      thread.join(60_000);
      if (failure.isEmpty()) {
        for (int place = 0; place < PLACES; place++) {
          verify(place);
        }
      }
      medium.close();
    }
  }

  private void addOwn(long pauseMicros) throws Exception {
    String name = "iqn.2026-11.com.example:bench-" + clients.size();
    clients.add(new Client(clients.size(), name, new OwnMedium(name, url), pauseMicros));
  }

  private void addQemu() throws Exception {
    String name = "iqn.2026-11.com.example:bench-qemu-" + clients.size();
    clients.add(new Client(clients.size(), name, new QemuMedium(name, url), 0));
  }

  // ---- Forced moves.

  private void moves(int sessions, int moves, int qemuSessions, int qemuMoves) throws Exception {
    policy("round-robin", "{}");
    for (int i = 0; i < sessions; i++) {
      addOwn(0);
    }
    move("our initiator", moves, Duration.ZERO);
    for (int i = 0; i < qemuSessions; i++) {
      addQemu();
    }
    // libiscsi lets some seconds pass between one reconnection and the next.
    move("QEMU's (libiscsi)", qemuMoves, Duration.ofSeconds(6));
  }

  /**
   * Moves the sessions of all clients that there are, and ends them.
   *
   * @param between two moves of one session
   */
  private void move(String whose, int moves, Duration between) throws Exception {
    if (clients.isEmpty()) {
      return;
    }
    List<String> servers = servers();
    List<Double> stalls = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger left = new AtomicInteger(moves);
    AtomicInteger refused = new AtomicInteger();
    Map<String, Client> byName = new HashMap<>();
    clients.forEach(client -> byName.put(client.name, client));
    ExecutorService movers =
        Executors.newFixedThreadPool(
            between.isZero() ? Math.min(4, clients.size()) : clients.size());
    List<Future<?>> done = new ArrayList<>();
    List<JsonNode> all = sessionsOfBench();
    for (JsonNode session : all) {
      done.add(
          movers.submit(
              () -> {
                String id = session.path("id").asText();
                Client client = byName.get(session.path("client").asText());
                int at = servers.indexOf(session.path("server").asText());
                for (int i = 0; i < (moves + all.size() - 1) / all.size(); i++) {
                  if (left.decrementAndGet() < 0) {
                    return null;
                  }
                  Thread.sleep(between.toMillis());
                  int to = (at + 1) % servers.size();
                  client.longestNanos = 0;
                  int status =
                      send(
                              "POST",
                              "/v1/sessions/" + id + "/move",
                              "{\"to\":\"" + servers.get(to) + "\"}")
                          .statusCode();
                  if (status == 200) {
                    at = to;
                  } else {
                    refused.incrementAndGet();
                  }
                  // The operation that the move held up has to end to be counted.
                  long before = client.operations;
                  long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                  while (client.operations < before + 2
                      && client.failure.isEmpty()
                      && System.nanoTime() - end < 0) {
                    Thread.sleep(1);
                  }
                  stalls.add(client.longestNanos / 1e6);
                }
                return null;
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    movers.shutdown();
    int failed = finish();
    clients.clear();
    double[] sorted = stalls.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        "%s: moves %d, not carried out %d, clients with an error or wrong data %d%n",
        whose, sorted.length, refused.get(), failed);
    System.out.printf(
        "longest operation during a move, ms: median %.0f, p99 %.0f, max %.0f%n",
        sorted[sorted.length / 2], sorted[sorted.length * 99 / 100], sorted[sorted.length - 1]);
  }

  // ---- Skew.

  private void skew(int sessions, int seconds, int quietSeconds, long pauseMicros)
      throws Exception {
    List<String> servers = servers();
    for (String other : servers.subList(1, servers.size())) {
      send("POST", "/v1/servers/" + other + "/drain", "{}");
    }
    policy("round-robin", "{}");
    for (int i = 0; i < sessions; i++) {
      addOwn(pauseMicros);
    }
    for (String other : servers.subList(1, servers.size())) {
      send("POST", "/v1/servers/" + other + "/undrain", "{}");
    }
    TimeUnit.SECONDS.sleep(5);
    System.out.println("begin " + spread());
    policy("adaptive", "{}");
    long begun = System.nanoTime();
    double firstAt = -1;
    double lastAboveAt = 0;
    Pressures pressures = new Pressures();
    while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(seconds)) {
      TimeUnit.SECONDS.sleep(1);
      double imbalance = pressures.imbalance(get("/v1/servers").path("servers"));
      double at = (System.nanoTime() - begun) / 1e9;
      System.out.printf("%5.0f s  imbalance %.2f  %s%n", at, imbalance, spread());
      if (imbalance > EVEN) {
        lastAboveAt = at;
      } else if (firstAt < 0) {
        firstAt = at;
      }
    }
    int moved = countMoves();
    System.out.printf(
        "max/mean of pressure <= %.2f first after %.0f s, last above after %.0f s; moves %d%n",
        EVEN, firstAt, lastAboveAt, moved);
    List<Double> quiet = new ArrayList<>();
    for (int i = 0; i < quietSeconds; i++) {
      TimeUnit.SECONDS.sleep(1);
      quiet.add(pressures.imbalance(get("/v1/servers").path("servers")));
    }
    if (quietSeconds > 0) {
      Collections.sort(quiet);
      System.out.printf(
          "in %d s after that: moves %d, max/mean median %.2f, 95 %% below %.2f; %s%n",
          quietSeconds,
          countMoves() - moved,
          quiet.get(quiet.size() / 2),
          quiet.get(quiet.size() * 95 / 100),
          spread());
    }
    System.out.printf("clients with an error or wrong data: %d%n", finish());
  }

  /** The servers' pressures lately. */
  private static final class Pressures {
    private final Deque<double[]> last = new ArrayDeque<>();

    /** max/mean with those that are now. */
    double imbalance(JsonNode servers) {
      double[] now = new double[servers.size()];
      Arrays.setAll(now, i -> servers.get(i).path("pressure").asDouble());
      last.addLast(now);
      if (last.size() > AVERAGED) {
        last.removeFirst();
      }
      double[] sums = new double[now.length];
      last.forEach(each -> Arrays.setAll(sums, i -> sums[i] + each[i]));
      double sum = Arrays.stream(sums).sum();
      return sum == 0 ? 1 : Arrays.stream(sums).max().getAsDouble() / sum * sums.length;
    }
  }

  private String spread() throws Exception {
    List<String> counts = new ArrayList<>();
    get("/v1/servers")
        .path("servers")
        .forEach(
            server ->
                counts.add(
                    "%d (%.2f)"
                        .formatted(
                            server.path("sessions").asInt(), server.path("pressure").asDouble())));
    return counts.toString();
  }

  private int countMoves() throws Exception {
    int moves = 0;
    for (JsonNode each : get("/v1/assignments?limit=1000").path("assignments")) {
      if (each.path("kind").asText().equals("move")
          && each.path("policy").asText().equals("adaptive")) {
        moves++;
      }
    }
    return moves;
  }

  // ---- Both.

  private int finish() {
    int failed = 0;
    for (Client client : clients) {
      try {
        client.close();
      } catch (Exception e) {
        client.failure = e.toString();
      }
      if (!client.failure.isEmpty()) {
        System.out.println(client.failure);
        failed++;
      }
    }
    return failed;
  }

  private List<JsonNode> sessionsOfBench() throws Exception {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode session : get("/v1/sessions").path("sessions")) {
      if (session.path("client").asText().contains(":bench-")) {
        found.add(session);
      }
    }
    return found;
  }

  private List<String> servers() throws Exception {
    List<String> ids = new ArrayList<>();
    get("/v1/servers").path("servers").forEach(server -> ids.add(server.path("id").asText()));
    return ids;
  }

  private void policy(String name, String parameters) throws Exception {
    send(
        "PUT",
        "/v1/policies/default",
        "{\"policy\":\"" + name + "\",\"parameters\":" + parameters + "}");
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(send("GET", path, "").body());
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + admin + path))
            .timeout(Duration.ofSeconds(90))
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
