package io.sandrift.server.peer;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How servers know each other.
 *
 * @param secret the cluster's, 16 bytes or more
 * @param connecting TLS of connections that this server opens, or null for none
 * @param accepting TLS of those that it accepts, which asks for certificates; null together with
 *     the other
 */
public record PeerSecurity(
    byte[] secret, @Nullable SslContext connecting, @Nullable SslContext accepting) {

  /** Whether a connection failed because one side doesn't accept the other's certificate or TLS. */
  static boolean isRefusal(Throwable failure) {
    return failure instanceof DecoderException && failure.getCause() instanceof SSLException;
  }

  /** A secret alone. */
  public static PeerSecurity of(byte[] secret) {
    return new PeerSecurity(secret, null, null);
  }

  @Override
  public String toString() {
    return connecting == null ? "secret" : "secret and TLS";
  }
}
