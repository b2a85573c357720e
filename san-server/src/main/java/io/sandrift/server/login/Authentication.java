package io.sandrift.server.login;

import io.sandrift.iscsi.text.ChapCredentials;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an initiator has to prove before it may log in. */
public sealed interface Authentication {

  /** Nothing. */
  record NotRequired() implements Authentication {}

  /**
   * That it knows a secret.
   *
   * @param initiators the names and secrets, one of which it must prove; at least one
   * @param target what this target proves in turn, to an initiator that asks; null when it can't
   */
  record Chap(List<ChapCredentials> initiators, @Nullable ChapCredentials target)
      implements Authentication {

    /** With one name. */
    public Chap(ChapCredentials initiator, @Nullable ChapCredentials target) {
      this(List.of(initiator), target);
    }

    public Chap {
      initiators = List.copyOf(initiators);
      if (initiators.isEmpty()) {
        throw new IllegalArgumentException("CHAP without a name that an initiator could prove");
      }
      // RFC 7143 clause 9.2.1: with one secret, either side's responses could be had from the
      // other.
      for (ChapCredentials initiator : initiators) {
        if (target != null && target.secret().equals(initiator.secret())) {
          throw new IllegalArgumentException(
              "the CHAP secrets of initiator \"%s\" and target \"%s\" are the same; choose two"
                  .formatted(initiator.name(), target.name()));
        }
      }
    }

    /** The credentials of this name; those of another, whose name won't fit, if there are none. */
    ChapCredentials named(String name) {
      return initiators.stream()
          .filter(initiator -> initiator.name().equals(name))
          .findFirst()
          .orElse(initiators.get(0));
    }
  }

  Authentication NOT_REQUIRED = new NotRequired();
}
