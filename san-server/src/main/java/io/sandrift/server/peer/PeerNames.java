package io.sandrift.server.peer;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds the addresses of peers' host names on threads of its own: the system's resolver blocks, and
 * may do so for seconds. A connection's limit of time includes it.
 */
final class PeerNames extends AddressResolverGroup<InetSocketAddress> {

  private static final int THREADS = 2;

  /** More at once fail, and are tried again like any connection. */
  private static final int MAX_WAITING = 1024;

  private final Executor resolving;

  PeerNames() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            new DefaultThreadFactory("peer-names", true));
    threads.allowCoreThreadTimeOut(true);
    resolving = threads;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor loop) {
    return new InetSocketAddressResolver(
        loop,
        new DefaultNameResolver(loop) {
          @Override
          protected void doResolve(String host, Promise<InetAddress> promise) throws Exception {
            try {
              resolving.execute(() -> blockingly(host, promise));
            } catch (RejectedExecutionException e) {
              promise.setFailure(e);
            }
          }

          private void blockingly(String host, Promise<InetAddress> promise) {
            try {
              super.doResolve(host, promise);
            } catch (Exception e) {
              promise.tryFailure(e);
            }
          }
        });
  }
}
