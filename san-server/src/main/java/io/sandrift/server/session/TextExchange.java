package io.sandrift.server.session;

import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.NumericValue;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.util.Arrays;
import java.util.List;

/**
 * A session's text negotiation in the full feature phase (RFC 7143 clauses 6.2 and 11.10, appendix
 * C): SendTargets, and the initiator's MaxRecvDataSegmentLength declared anew. One exchange is
 * under way at a time. Confined to the session's event loop; knows no PDUs but the request.
 */
public final class TextExchange {

  /** The targets that an initiator may be told of. */
  @FunctionalInterface
  public interface TargetListing {
    /** All of them, with the addresses at which each is reached. */
    List<ListedTarget> targets();
  }

  /** One of them. */
  public record ListedTarget(String name, List<TargetAddress> addresses) {}

  /** What is to be answered to a text request. */
  sealed interface Answer {}

  /**
   * A text response.
   *
   * @param last the exchange is over (the F bit)
   * @param more the text goes on in the next response (the C bit)
   */
  record Reply(boolean last, boolean more, int targetTransferTag, byte[] text) implements Answer {}

  /** A reject with the reason protocol error; the exchange is over. */
  record Refusal(String why) implements Answer {}

  private static final byte[] NO_TEXT = {};

  /** Only one exchange is under way, so that one tag is enough. */
  private static final int TAG = 1;

  private final boolean isDiscovery;
  private final String ownTarget;
  private final TargetListing listing;
  private final TextAssembly request;
  private int segmentLength;
  private byte[] unsent = NO_TEXT;

  /**
   * @param ownTarget the session's own target; empty in a discovery session
   * @param segmentLength the longest data segment that the initiator takes
   */
  public TextExchange(
      String ownTarget, TargetListing listing, TextLimits limits, int segmentLength) {
    this.isDiscovery = ownTarget.isEmpty();
    this.ownTarget = ownTarget;
    this.listing = listing;
    this.request = new TextAssembly(limits);
    this.segmentLength = segmentLength;
  }

  /** The longest data segment that the initiator takes now. */
  int segmentLength() {
    return segmentLength;
  }

  /** Takes a request; its data stay the caller's. */
  Answer receive(TextRequest pdu) {
    boolean isContinuation = pdu.targetTransferTag() != BasicHeader.RESERVED_TAG;
    if (isContinuation && unsent.length > 0 && !pdu.data().isReadable()) {
      return next();
    }
    if (!isContinuation) {
      // A request without a tag begins anew, whatever was under way (clause 11.10.4).
      unsent = NO_TEXT;
    }
    try {
      request.add(pdu.data());
      if (pdu.more()) {
        return new Reply(false, false, TAG, NO_TEXT);
      }
      unsent = answer(request.complete()).toBytes();
      return next();
    } catch (MalformedTextException e) {
      return new Refusal(String.valueOf(e.getMessage()));
    }
  }

  private Reply next() {
    int length = Math.min(unsent.length, segmentLength);
    byte[] part = Arrays.copyOf(unsent, length);
    unsent = Arrays.copyOfRange(unsent, length, unsent.length);
    boolean isLast = unsent.length == 0;
    return new Reply(isLast, !isLast, isLast ? BasicHeader.RESERVED_TAG : TAG, part);
  }

  private TextPairs answer(TextPairs asked) throws MalformedTextException {
    TextPairs.Builder answer = TextPairs.builder();
    for (TextPair pair : asked) {
      if (pair.key().equals(TextKey.SEND_TARGETS.wireName())) {
        sendTargets(pair.value(), answer);
      } else if (pair.key().equals(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH.wireName())) {
        segmentLength = NumericValue.parse(pair.key(), pair.value(), 512, 0xffffff);
      } else if (!pair.key().equals(TextKey.INITIATOR_ALIAS.wireName())) {
        answer.add(pair.key(), isKnown(pair.key()) ? TextKey.REJECT : TextKey.NOT_UNDERSTOOD);
      }
    }
    return answer.build();
  }

  private static boolean isKnown(String key) {
    return Arrays.stream(TextKey.values()).anyMatch(known -> known.wireName().equals(key));
  }

  private void sendTargets(String which, TextPairs.Builder answer) {
    if (which.equals("All") && !isDiscovery) {
      // Only a discovery session may ask for all (appendix C).
      answer.add(TextKey.SEND_TARGETS, TextKey.REJECT);
      return;
    }
    String wanted = which.isEmpty() ? ownTarget : which;
    for (ListedTarget target : listing.targets()) {
      if (which.equals("All") || target.name().equals(wanted)) {
        answer.add(TextKey.TARGET_NAME, target.name());
        for (TargetAddress address : target.addresses()) {
          answer.add(TextKey.TARGET_ADDRESS, address.toString());
        }
      }
    }
  }
}
