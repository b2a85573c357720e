package io.sandrift.iscsi.text;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * One login's negotiation of operational parameters, for either side (RFC 7143 clause 6.2).
 *
 * <pre>
 *   initiator:  propose() ──▶ peer            target:  receive(offer) adds the answer to its reply
 *               receive(answer) ◀── peer               declare() adds what only it can say
 *                             both:  result()
 * </pre>
 *
 * <p>A key is negotiated once; to bring it up again is an error (clause 6.3). Owned by the
 * connection's thread. Bounded by the number of keys that there are.
 */
public final class ParameterNegotiation {

  /** What an initiator offers to a normal session, in this order. */
  private static final Set<TextKey> OFFERED =
      EnumSet.of(
          TextKey.HEADER_DIGEST,
          TextKey.DATA_DIGEST,
          TextKey.INITIAL_R2T,
          TextKey.IMMEDIATE_DATA,
          TextKey.DATA_PDU_IN_ORDER,
          TextKey.DATA_SEQUENCE_IN_ORDER,
          TextKey.MAX_CONNECTIONS,
          TextKey.MAX_RECV_DATA_SEGMENT_LENGTH,
          TextKey.MAX_BURST_LENGTH,
          TextKey.FIRST_BURST_LENGTH,
          TextKey.MAX_OUTSTANDING_R2T,
          TextKey.DEFAULT_TIME2WAIT,
          TextKey.DEFAULT_TIME2RETAIN,
          TextKey.ERROR_RECOVERY_LEVEL);

  private final SessionType sessionType;
  private final ParameterProposal ours;

  /** What this side offered and hasn't got an answer to. */
  private final Set<TextKey> awaited = EnumSet.noneOf(TextKey.class);

  /** Keys whose negotiation has ended, or which the peer has declared. */
  private final Set<TextKey> settled = EnumSet.noneOf(TextKey.class);

  /** What was agreed, where it was; keys that were refused or never came up are not in it. */
  private final Map<TextKey, String> agreed = new EnumMap<>(TextKey.class);

  private boolean declared;

  public ParameterNegotiation(SessionType sessionType, ParameterProposal ours) {
    this.sessionType = sessionType;
    this.ours = ours;
  }

  /** Adds every offer that this session needs; for an initiator, once. */
  public void propose(TextPairs.Builder text) {
    for (TextKey key : OFFERED) {
      if (key == TextKey.MAX_RECV_DATA_SEGMENT_LENGTH) {
        declare(text);
      } else if (!isIrrelevant(key)) {
        text.add(key, ours.valueOf(key));
        awaited.add(key);
      }
    }
  }

  /** Adds what this side declares about itself, the first time that it is called. */
  public void declare(TextPairs.Builder text) {
    if (!declared) {
      declared = true;
      text.add(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH, ours.maxRecvDataSegmentLength());
    }
  }

  /** Adds the portal group that a target was reached through, 0 to 65535; only a target says it. */
  public void declarePortalGroup(int portalGroupTag, TextPairs.Builder text) {
    settled.add(TextKey.TARGET_PORTAL_GROUP_TAG);
    agreed.put(TextKey.TARGET_PORTAL_GROUP_TAG, Integer.toString(portalGroupTag));
    text.add(TextKey.TARGET_PORTAL_GROUP_TAG, portalGroupTag);
  }

  /** The longest data segment that the other side takes, as far as it has said so. */
  public int peerMaxRecvDataSegmentLength() {
    return number(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH);
  }

  /** Whether all that this side offered was answered. */
  public boolean isAnswered() {
    return awaited.isEmpty();
  }

  /** Whether a key is this class's business. */
  public static boolean handles(TextKey key) {
    return switch (key.rule()) {
      case SECURITY -> false;
      case DECLARATION ->
          key == TextKey.MAX_RECV_DATA_SEGMENT_LENGTH || key == TextKey.TARGET_PORTAL_GROUP_TAG;
      default -> true;
    };
  }

  /**
   * Takes an offer, an answer or a declaration.
   *
   * @param key one that {@link #handles} says yes to
   * @param value from the peer; may be anything
   * @param reply where an offer's answer is added
   * @throws MalformedTextException when a key comes twice, a declaration is out of range, or an
   *     answer doesn't follow from the offer: the login fails
   */
  public void receive(TextKey key, String value, TextPairs.Builder reply)
      throws MalformedTextException {
    if (!settled.add(key)) {
      throw new MalformedTextException(key.wireName() + " is negotiated twice in one login");
    }
    if (key == TextKey.TARGET_PORTAL_GROUP_TAG) {
      NumericValue.parse(key.wireName(), value, 0, 65535);
      agreed.put(key, value);
    } else if (key.rule() == TextKey.Rule.DECLARATION) {
      key.parseNumber(value);
      agreed.put(key, value);
    } else if (awaited.remove(key)) {
      if (!TextKey.isRefusal(value)) {
        NegotiationRule.check(key, ours.valueOf(key), value);
        agreed.put(key, value);
      } else if (isDigestRequired(key)) {
        throw MalformedTextException.value(key.wireName(), value, ours.valueOf(key));
      }
    } else {
      reply.add(key, answer(key, value));
    }
  }

  private String answer(TextKey key, String offered) {
    if (isIrrelevant(key)) {
      return TextKey.IRRELEVANT;
    }
    if (key.rule() == TextKey.Rule.OBSOLETE) {
      return TextKey.REJECT;
    }
    String answer = NegotiationRule.answer(key, offered, ours.valueOf(key));
    if (!TextKey.isRefusal(answer)) {
      agreed.put(key, answer);
    }
    return answer;
  }

  /**
   * The key of a digest that this side insists on and that wasn't agreed on, in words; empty when
   * there is none. To be asked before a login is granted.
   */
  public String missingDigest() {
    for (TextKey key : Set.of(TextKey.HEADER_DIGEST, TextKey.DATA_DIGEST)) {
      if (isDigestRequired(key) && !value(key).equals(ParameterProposal.CRC32C)) {
        return key.wireName() + "=" + ParameterProposal.CRC32C;
      }
    }
    return "";
  }

  private boolean isDigestRequired(TextKey key) {
    return switch (key) {
      case HEADER_DIGEST -> !ours.headerDigest().contains(ParameterProposal.NONE);
      case DATA_DIGEST -> !ours.dataDigest().contains(ParameterProposal.NONE);
      default -> false;
    };
  }

  private boolean isIrrelevant(TextKey key) {
    return sessionType == SessionType.DISCOVERY && key.use() == TextKey.Use.NORMAL_LOGIN;
  }

  /** What holds when the login phase ends: what was agreed, and the defaults for the rest. */
  public SessionParameters result() {
    int maxBurstLength = number(TextKey.MAX_BURST_LENGTH);
    String tag = agreed.get(TextKey.TARGET_PORTAL_GROUP_TAG);
    return new SessionParameters(
        value(TextKey.HEADER_DIGEST).equals(ParameterProposal.CRC32C),
        value(TextKey.DATA_DIGEST).equals(ParameterProposal.CRC32C),
        declared
            ? ours.maxRecvDataSegmentLength()
            : Integer.parseInt(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue()),
        number(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH),
        maxBurstLength,
        // Clause 13.14: it must not exceed MaxBurstLength, which may have become smaller.
        Math.min(number(TextKey.FIRST_BURST_LENGTH), maxBurstLength),
        isYes(TextKey.INITIAL_R2T),
        isYes(TextKey.IMMEDIATE_DATA),
        number(TextKey.MAX_OUTSTANDING_R2T),
        number(TextKey.DEFAULT_TIME2WAIT),
        number(TextKey.DEFAULT_TIME2RETAIN),
        isYes(TextKey.DATA_PDU_IN_ORDER),
        isYes(TextKey.DATA_SEQUENCE_IN_ORDER),
        number(TextKey.ERROR_RECOVERY_LEVEL),
        number(TextKey.MAX_CONNECTIONS),
        tag == null ? TargetAddress.NO_TAG : parsed(TextKey.TARGET_PORTAL_GROUP_TAG, tag),
        value(TextKey.TASK_REPORTING),
        number(TextKey.ISCSI_PROTOCOL_LEVEL));
  }

  private String value(TextKey key) {
    return agreed.getOrDefault(key, key.defaultValue());
  }

  private boolean isYes(TextKey key) {
    return value(key).equals("Yes");
  }

  private int number(TextKey key) {
    return parsed(key, value(key));
  }

  private static int parsed(TextKey key, String checked) {
    try {
      return NumericValue.parse(key.wireName(), checked, 0, 0xffffff);
    } catch (MalformedTextException e) {
      throw new IllegalStateException("a value that was checked before", e);
    }
  }
}
