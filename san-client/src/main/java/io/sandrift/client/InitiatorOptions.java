package io.sandrift.client;

import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.ParameterProposal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an initiator behaves.
 *
 * @param initiatorName who it is
 * @param chap what it proves itself with when a target asks, or null
 * @param targetChap what it demands of the target in turn (mutual CHAP), or null
 * @param parameters what it proposes
 * @param queueDepth the most commands under way at once, 1 to 4096
 * @param maxRedirects how many redirections in a row it follows
 * @param connectTimeout for one TCP connection
 * @param loginTimeout for one login
 * @param commandTimeout for one request from call to end, all retries and replays included
 * @param reconnectTimeout how long it tries to get a lost session back before everything under way
 *     fails
 * @param nopInterval the silence after which it asks the target for a sign of life
 * @param nopTimeout how long that may take before the connection is given up
 */
public record InitiatorOptions(
    IscsiName initiatorName,
    @Nullable ChapCredentials chap,
    @Nullable ChapCredentials targetChap,
    ParameterProposal parameters,
    int queueDepth,
    int maxRedirects,
    Duration connectTimeout,
    Duration loginTimeout,
    Duration commandTimeout,
    Duration reconnectTimeout,
    Duration nopInterval,
    Duration nopTimeout) {

  public static final InitiatorOptions DEFAULT =
      new InitiatorOptions(
          new IscsiName("iqn.2026-11.io.sandrift:client"),
          null,
          null,
          ParameterProposal.DEFAULT,
          32,
          4,
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(45),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  public InitiatorOptions {
    // RFC 7143 clause 9.2.1: with one secret, either side's responses could be had from the other.
    if (chap != null && targetChap != null && chap.secret().equals(targetChap.secret())) {
      throw new IllegalArgumentException(
          "the CHAP secrets of the initiator and the target are the same; choose two");
    }
    if (queueDepth < 1 || queueDepth > 4096 || maxRedirects < 0) {
      throw new IllegalArgumentException(
          "a queue depth of "
              + queueDepth
              + " is not 1 to 4096, or "
              + maxRedirects
              + " redirections are not 0 or more");
    }
  }

  public InitiatorOptions withInitiatorName(IscsiName name) {
    return new InitiatorOptions(
        name,
        chap,
        targetChap,
        parameters,
        queueDepth,
        maxRedirects,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        nopInterval,
        nopTimeout);
  }

  public InitiatorOptions withChap(
      @Nullable ChapCredentials own, @Nullable ChapCredentials demanded) {
    return new InitiatorOptions(
        initiatorName,
        own,
        demanded,
        parameters,
        queueDepth,
        maxRedirects,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        nopInterval,
        nopTimeout);
  }

  public InitiatorOptions withParameters(ParameterProposal proposal) {
    return new InitiatorOptions(
        initiatorName,
        chap,
        targetChap,
        proposal,
        queueDepth,
        maxRedirects,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        nopInterval,
        nopTimeout);
  }

  public InitiatorOptions withQueueDepth(int depth) {
    return new InitiatorOptions(
        initiatorName,
        chap,
        targetChap,
        parameters,
        depth,
        maxRedirects,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        nopInterval,
        nopTimeout);
  }

  /**
   * @param most 0 for an initiator that follows none
   */
  public InitiatorOptions withMaxRedirects(int most) {
    return new InitiatorOptions(
        initiatorName,
        chap,
        targetChap,
        parameters,
        queueDepth,
        most,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        nopInterval,
        nopTimeout);
  }

  public InitiatorOptions withTimeouts(
      Duration connect, Duration login, Duration command, Duration reconnect) {
    return new InitiatorOptions(
        initiatorName,
        chap,
        targetChap,
        parameters,
        queueDepth,
        maxRedirects,
        connect,
        login,
        command,
        reconnect,
        nopInterval,
        nopTimeout);
  }

  public InitiatorOptions withKeepAlive(Duration interval, Duration timeout) {
    return new InitiatorOptions(
        initiatorName,
        chap,
        targetChap,
        parameters,
        queueDepth,
        maxRedirects,
        connectTimeout,
        loginTimeout,
        commandTimeout,
        reconnectTimeout,
        interval,
        timeout);
  }
}
