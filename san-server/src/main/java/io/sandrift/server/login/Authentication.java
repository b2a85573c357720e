package io.sandrift.server.login;

import io.sandrift.iscsi.text.ChapCredentials;
import org.jspecify.annotations.Nullable;

/** What an initiator has to prove before it may log in. */
public sealed interface Authentication {

  /** Nothing. */
  record NotRequired() implements Authentication {}

  /**
   * That it knows a secret.
   *
   * @param initiator the name and secret that it must prove
   * @param target what this target proves in turn, to an initiator that asks; null when it can't
   */
  record Chap(ChapCredentials initiator, @Nullable ChapCredentials target)
      implements Authentication {

    public Chap {
      // RFC 7143 clause 9.2.1: with one secret, either side's responses could be had from the
      // other.
      if (target != null && target.secret().equals(initiator.secret())) {
        throw new IllegalArgumentException(
            "the CHAP secrets of initiator \"%s\" and target \"%s\" are the same; choose two"
                .formatted(initiator.name(), target.name()));
      }
    }
  }

  Authentication NOT_REQUIRED = new NotRequired();
}
