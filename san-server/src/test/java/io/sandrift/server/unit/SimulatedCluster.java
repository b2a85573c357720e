package io.sandrift.server.unit;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.scsi.disk.DiskDeviceServer;
import io.sandrift.server.scsi.disk.Initiator;
import io.sandrift.server.scsi.disk.Reply;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.stripe.StripeLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Servers, their network and ZooKeeper in one thread and in virtual time: all that happens is an
 * event, and the seed decides how long everything takes. Servers can be killed, started again,
 * paused, and cut off from ZooKeeper or from each other.
 */
final class SimulatedCluster {

  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  private static final VolumeName NAME = new VolumeName("demo");
  private static final VolumeId VOLUME = new VolumeId(new UUID(1, 2));
  private static final int UNIT_BYTES = 65_536;
  private static final long MILLI = 1_000_000;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private record Event(long atNanos, long order, Runnable action) {}

  private record Kept(byte[] content, long revision, long changedAt) {}

  private final Random random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
  private final Map<ServerId, Long> memberships = new TreeMap<>();
  private final List<Server> servers = new ArrayList<>();
  private final MemoryReplica replica = new MemoryReplica(UNIT_BYTES);
  private long nowNanos = 1;
  private long transaction;
  private Kept kept;

  SimulatedCluster(long seed, int count) {
    random = new Random(seed);
    for (int i = 1; i <= count; i++) {
      servers.add(new Server(new ServerId("server-" + i)));
    }
    everyTick();
    servers.forEach(Server::start);
    runUntil(() -> servers.stream().allMatch(server -> server.unit().isSettled()));
  }

  Server server(int index) {
    return servers.get(index);
  }

  List<Server> servers() {
    return servers;
  }

  Random random() {
    return random;
  }

  /** A server that joins later. */
  Server add(String id) {
    Server server = new Server(new ServerId(id));
    servers.add(server);
    server.start();
    return server;
  }

  void runFor(Duration time) {
    long until = nowNanos + time.toNanos();
    while (!events.isEmpty() && events.peek().atNanos() <= until) {
      step();
    }
    nowNanos = until;
  }

  void runUntil(BooleanSupplier condition) {
    long until = nowNanos + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (nowNanos > until) {
        throw new AssertionError("it has not come about in " + LIMIT + " of virtual time");
      }
      step();
    }
  }

  /** The next thing happens. */
  void step() {
    Event next = events.remove();
    nowNanos = Math.max(nowNanos, next.atNanos());
    next.action().run();
  }

  Reply send(Initiator initiator, String cdb, byte[] dataOut) {
    CompletableFuture<Reply> reply = initiator.begin(cdb, dataOut);
    runUntil(reply::isDone);
    return reply.join();
  }

  void after(long nanos, Runnable action) {
    events.add(new Event(nowNanos + nanos, random.nextLong(), action));
  }

  private long latency() {
    return (1 + random.nextInt(20)) * MILLI;
  }

  /* ZooKeeper hears of its clients, and ends the sessions of those it hasn't heard of. */
  private void everyTick() {
    after(
        200 * MILLI,
        () -> {
          for (Server server : servers) {
            if (server.isRunning() && !server.isCutFromZooKeeper) {
              server.heardAtNanos = nowNanos;
            } else if (nowNanos - server.heardAtNanos > SESSION_TIMEOUT.toNanos()
                && memberships.remove(server.id) != null) {
              tellOfMembers();
            }
            if (server.isRunning()
                && !server.isCutFromZooKeeper
                && !memberships.containsKey(server.id)) {
              memberships.put(server.id, ++transaction);
              tellOfMembers();
            }
          }
          everyTick();
        });
  }

  private void tellOfMembers() {
    for (Server server : servers) {
      if (!server.isCutFromZooKeeper) {
        server.later(latency(), () -> server.units.membersChanged());
      }
    }
  }

  /** One server: a process that can be killed and started again. */
  final class Server {

    final ServerId id;
    boolean isCutFromZooKeeper;
    final Set<ServerId> isCutFrom = new HashSet<>();
    private boolean isAlive;
    private boolean isPaused;
    private int process;
    private long heardAtNanos;
    private final List<Runnable> deferred = new ArrayList<>();
    private Map<String, PeerCalls.Handler> handlers = new HashMap<>();
    private ClusterUnits units;
    private DiskDeviceServer disk;
    private SharedUnit unit;

    Server(ServerId id) {
      this.id = id;
    }

    DiskDeviceServer disk() {
      return disk;
    }

    SharedUnit unit() {
      return unit;
    }

    ClusterUnits units() {
      return units;
    }

    Initiator login(String name) {
      return new Initiator(disk, name);
    }

    boolean isRunning() {
      return isAlive && !isPaused;
    }

    boolean isAlive() {
      return isAlive;
    }

    void start() {
      isAlive = true;
      isPaused = false;
      process++;
      deferred.clear();
      handlers = new HashMap<>();
      heardAtNanos = nowNanos;
      // An earlier process's registration is replaced.
      memberships.put(id, ++transaction);
      tellOfMembers();
      Zoo zoo = new Zoo(this);
      units =
          new ClusterUnits(
              id, new Peers(this), zoo, zoo, SESSION_TIMEOUT, new Thread(this), () -> nowNanos);
      unit = units.open(VOLUME, NAME);
      disk =
          new DiskDeviceServer(
              DiskIdentity.of(VOLUME.value(), "iqn.2026-11.io.sandrift:demo"),
              new StripedDevice(new StripeLayout(UNIT_BYTES, 4), 4L << 20, replica),
              512,
              unit,
              (type, designator) -> Optional.empty(),
              Runnable::run);
      units.start();
    }

    void kill() {
      isAlive = false;
      process++;
    }

    void pause() {
      isPaused = true;
    }

    void resume() {
      isPaused = false;
      List<Runnable> now = List.copyOf(deferred);
      deferred.clear();
      now.forEach(action -> later(0, action));
    }

    /** Runs an action on this process, unless it has ended by then. */
    void later(long nanos, Runnable action) {
      int current = process;
      after(
          nanos,
          () -> {
            if (process == current) {
              if (isPaused) {
                deferred.add(action);
              } else {
                action.run();
              }
            }
          });
    }
  }

  /** ZooKeeper, as one server sees it. */
  private final class Zoo implements UnitRegister, ClusterMembers {

    private final Server client;

    Zoo(Server client) {
      this.client = client;
    }

    @Override
    public CompletableFuture<Optional<Entry>> read(VolumeName volume) {
      return ask(
          () ->
              kept == null
                  ? Optional.empty()
                  : Optional.of(new Entry(kept.content(), kept.changedAt())));
    }

    @Override
    public CompletableFuture<Boolean> compareAndSet(
        VolumeName volume, long revision, byte[] content) {
      return ask(
          () -> {
            if ((kept == null ? 0 : kept.revision()) != revision) {
              return false;
            }
            kept = new Kept(content, revision + 1, ++transaction);
            return true;
          });
    }

    @Override
    public CompletableFuture<Map<ServerId, Long>> list() {
      return ask(() -> Map.copyOf(memberships));
    }

    @Override
    public CompletableFuture<Optional<Long>> find(ServerId server) {
      return ask(() -> Optional.ofNullable(memberships.get(server)));
    }

    private <T> CompletableFuture<T> ask(Supplier<T> operation) {
      CompletableFuture<T> answer = new CompletableFuture<>();
      int process = client.process;
      after(
          latency(),
          () -> {
            // What a process has sent arrives, even if the process has ended since.
            boolean arrives = !client.isCutFromZooKeeper;
            T result = arrives ? operation.get() : null;
            if (arrives && client.process == process) {
              client.heardAtNanos = nowNanos;
            }
            long back = latency();
            client.later(
                back,
                () -> {
                  if (arrives && !client.isCutFromZooKeeper) {
                    answer.complete(result);
                  } else {
                    client.later(
                        2000 * MILLI,
                        () -> answer.completeExceptionally(new UnitsException("connection loss")));
                  }
                });
          });
      return answer;
    }
  }

  private final class Peers implements PeerCalls {

    private final Server self;

    Peers(Server self) {
      this.self = self;
    }

    @Override
    public CompletableFuture<byte[]> call(
        ServerId to, String topic, byte[] request, Duration deadline) {
      CompletableFuture<byte[]> answer = new CompletableFuture<>();
      self.later(
          deadline.toNanos(),
          () ->
              answer.completeExceptionally(
                  new PeerException(PeerException.Reason.NO_ANSWER, "no answer from " + to)));
      Server peer =
          servers.stream().filter(server -> server.id.equals(to)).findFirst().orElseThrow();
      if (isCut(peer) || !peer.isAlive) {
        self.later(
            latency(),
            () ->
                answer.completeExceptionally(
                    new PeerException(PeerException.Reason.UNREACHABLE, "no way to " + to)));
        return answer;
      }
      peer.later(
          latency(),
          () -> {
            Handler handler = peer.handlers.get(topic);
            if (handler != null && !isCut(peer)) {
              handler
                  .handle(self.id, request)
                  .thenAccept(
                      bytes ->
                          self.later(
                              latency(),
                              () -> {
                                if (!isCut(peer)) {
                                  answer.complete(bytes);
                                }
                              }));
            }
          });
      return answer;
    }

    private boolean isCut(Server peer) {
      return self.isCutFrom.contains(peer.id) || peer.isCutFrom.contains(self.id);
    }

    @Override
    public void serve(String topic, Handler handler) {
      self.handlers.put(topic, handler);
    }
  }

  /** A server's thread: its tasks are events. */
  private final class Thread extends AbstractExecutorService implements ScheduledExecutorService {

    private final Server server;

    Thread(Server server) {
      this.server = server;
    }

    @Override
    public void execute(Runnable task) {
      server.later(random.nextInt((int) MILLI), task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      Scheduled scheduled = new Scheduled(task);
      server.later(unit.toNanos(delay), scheduled);
      return scheduled;
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable task, long initialDelay, long delay, TimeUnit unit) {
      Runnable again =
          () -> {
            task.run();
            scheduleWithFixedDelay(task, delay, delay, unit);
          };
      return schedule(again, initialDelay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable task, long initialDelay, long period, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private static final class Scheduled extends FutureTask<Void> implements ScheduledFuture<Void> {

    Scheduled(Runnable task) {
      super(task, null);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }
}
