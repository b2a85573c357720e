package io.sandrift.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Opens devices and lists targets. Safe for all threads; closing it ends what it opened. */
public final class Initiator implements AutoCloseable {

  /** ISIDs of the random kind (RFC 7143 clause 11.12.5): the two high bits are 10b. */
  private static final long RANDOM_FORMAT = 0x80L << 40;

  private final InitiatorOptions options;
  private final EventLoopGroup eventLoops;
  private final Bootstrap bootstrap;

  public Initiator(InitiatorOptions options) {
    this.options = options;
    boolean isEpoll = Epoll.isAvailable();
    this.eventLoops =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("iscsi-client", true),
            isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.bootstrap =
        new Bootstrap()
            .group(eventLoops)
            .channel(isEpoll ? EpollSocketChannel.class : NioSocketChannel.class);
  }

  /**
   * Logs in and asks the device what it is.
   *
   * @throws IOException when no portal lets it in, or the device isn't a disk; the message says why
   */
  public BlockDevice open(DeviceUrl url) throws IOException {
    InitiatorOptions own = options;
    if (url.user() != null && url.secret() != null) {
      own =
          own.withChap(
              new ChapCredentials(url.user(), ChapSecret.of(url.secret())), own.targetChap());
    }
    InitiatorSession session =
        new InitiatorSession(
            own, url.portals(), url.target().value(), url.lun(), randomIsid(), bootstrap);
    try {
      return IscsiBlockDevice.probe(session, await(session.open(), own), url, own);
    } catch (IOException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** A target and where it is reached. */
  public record DiscoveredTarget(String name, List<TargetAddress> portals) {
    public DiscoveredTarget {
      portals = List.copyOf(portals);
    }
  }

  /** Asks a portal, the first in the list that answers, for its targets (SendTargets=All). */
  public List<DiscoveredTarget> discover(List<TargetAddress> portals) throws IOException {
    InitiatorSession session =
        new InitiatorSession(options, portals, null, 0, randomIsid(), bootstrap);
    try {
      await(session.open(), options);
      TextPairs answer =
          await(session.ask(TextPairs.builder().add(TextKey.SEND_TARGETS, "All").build()), options);
      return targets(answer);
    } finally {
      session.close();
    }
  }

  private static List<DiscoveredTarget> targets(TextPairs answer) throws IOException {
    List<DiscoveredTarget> targets = new ArrayList<>();
    String name = null;
    List<TargetAddress> addresses = new ArrayList<>();
    try {
      for (TextPair pair : answer) {
        if (pair.key().equals(TextKey.TARGET_NAME.wireName())) {
          if (name != null) {
            targets.add(new DiscoveredTarget(name, addresses));
          }
          name = pair.value();
          addresses = new ArrayList<>();
        } else if (pair.key().equals(TextKey.TARGET_ADDRESS.wireName())) {
          addresses.add(TargetAddress.parse(pair.value()));
        }
      }
    } catch (MalformedTextException e) {
      throw new IOException(
          "the portal's list of targets can't be understood: " + e.getMessage(), e);
    }
    if (name != null) {
      targets.add(new DiscoveredTarget(name, addresses));
    }
    return targets;
  }

  private static Isid randomIsid() {
    return new Isid(RANDOM_FORMAT | ThreadLocalRandom.current().nextLong(1L << 40));
  }

  /** Waits for what has deadlines of its own, and a little longer. */
  private static <T> T await(CompletableFuture<T> outcome, InitiatorOptions options)
      throws IOException {
    long limit =
        options
            .reconnectTimeout()
            .plus(options.loginTimeout())
            .plus(options.commandTimeout())
            .toMillis();
    try {
      return outcome.get(limit, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the target", e);
    } catch (ExecutionException e) {
      throw Failures.of(e);
    } catch (TimeoutException e) {
      throw new IOException("no answer from the target within " + limit + " ms", e);
    }
  }

  @Override
  public void close() {
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
