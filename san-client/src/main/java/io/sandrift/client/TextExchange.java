package io.sandrift.client;

import io.sandrift.iscsi.pdu.TextResponse;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPairs;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A question in text and its answer, which may come in many pieces (RFC 7143 clause 11.10). */
final class TextExchange {

  private static final TextLimits LIMITS = new TextLimits(16 * 1024 * 1024, 200_000);

  private final TextAssembly text = new TextAssembly(LIMITS);
  private final CompletableFuture<TextPairs> outcome;

  TextExchange(CompletableFuture<TextPairs> outcome) {
    this.outcome = outcome;
  }

  /**
   * Takes a piece of the answer.
   *
   * @return whether the target is to be asked for another one
   */
  boolean receive(TextResponse response) {
    try {
      text.add(response.data());
      if (!response.last()) {
        return true;
      }
      outcome.complete(text.completeRepeating());
    } catch (MalformedTextException e) {
      outcome.completeExceptionally(
          new IOException("the target's answer can't be understood: " + e.getMessage(), e));
    }
    return false;
  }

  void fail(String reason) {
    outcome.completeExceptionally(new IOException(reason));
  }
}
