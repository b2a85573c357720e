package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/events}: the system's load each second, as server-sent events, to everyone who
 * listens. The load is put into words once a second whatever the number of listeners, and not at
 * all when there are none.
 */
public final class EventsResource implements AdminResource, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventsResource.class);

  private final Supplier<? extends JsonNode> load;
  private final Set<EventStream> listeners = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "admin-events");
            worker.setDaemon(true);
            return worker;
          });

  /**
   * @param load the load as {@code GET /v1/load} gives it
   */
  public EventsResource(Supplier<? extends JsonNode> load) {
    this.load = load;
    thread.scheduleWithFixedDelay(this::tell, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes.link("events", "/v1/events").events("/v1/events", Role.VIEWER, this::listen);
  }

  /** Ends all streams. */
  @Override
  public void close() {
    thread.shutdownNow();
    listeners.forEach(EventStream::close);
    listeners.clear();
  }

  private void listen(EventStream stream) {
    listeners.add(stream);
    stream.onEnd(() -> listeners.remove(stream));
  }

  private void tell() {
    if (listeners.isEmpty()) {
      return;
    }
    try {
      String text = load.get().toString();
      listeners.forEach(stream -> stream.send("load", text));
    } catch (RuntimeException e) {
      // One second's event is lost; an exception that escapes would end all that follow.
      log.warn("the load could not be told: {}", e.toString());
    }
  }
}
