package io.sandrift.iscsi.text;

import java.util.List;

/**
 * What one side would like a session to be: what an initiator offers, and what a target answers
 * with. Lengths are in bytes, times in seconds; ranges are those of {@link TextKey}.
 *
 * <p>One connection per session, error recovery level 0, and data in order are not up for choice:
 * this implementation has nothing else.
 *
 * @param headerDigest the values that are taken, {@code CRC32C} and {@code None}, the preferred
 *     first
 * @param dataDigest likewise
 */
public record ParameterProposal(
    List<String> headerDigest,
    List<String> dataDigest,
    int maxRecvDataSegmentLength,
    int maxBurstLength,
    int firstBurstLength,
    boolean initialR2T,
    boolean immediateData,
    int maxOutstandingR2T,
    int defaultTime2Wait,
    int defaultTime2Retain) {

  public static final String CRC32C = "CRC32C";
  public static final String NONE = "None";

  /** No digest if the other side agrees. */
  public static final List<String> PREFER_NO_DIGEST = List.of(NONE, CRC32C);

  /** A digest if the other side agrees. */
  public static final List<String> PREFER_DIGEST = List.of(CRC32C, NONE);

  /** Nothing but a digest. */
  public static final List<String> REQUIRE_DIGEST = List.of(CRC32C);

  /** 256 KiB segments, 1 MiB bursts, and as few round trips for a write as the peer allows. */
  public static final ParameterProposal DEFAULT =
      new ParameterProposal(
          PREFER_NO_DIGEST,
          PREFER_NO_DIGEST,
          256 * 1024,
          1024 * 1024,
          256 * 1024,
          false,
          true,
          8,
          0,
          0);

  public ParameterProposal {
    headerDigest = digests(TextKey.HEADER_DIGEST, headerDigest);
    dataDigest = digests(TextKey.DATA_DIGEST, dataDigest);
    check(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH, maxRecvDataSegmentLength);
    check(TextKey.MAX_BURST_LENGTH, maxBurstLength);
    check(TextKey.FIRST_BURST_LENGTH, firstBurstLength);
    check(TextKey.MAX_OUTSTANDING_R2T, maxOutstandingR2T);
    check(TextKey.DEFAULT_TIME2WAIT, defaultTime2Wait);
    check(TextKey.DEFAULT_TIME2RETAIN, defaultTime2Retain);
    if (firstBurstLength > maxBurstLength) {
      throw new IllegalArgumentException(
          "FirstBurstLength is %d, expected at most MaxBurstLength, %d"
              .formatted(firstBurstLength, maxBurstLength));
    }
  }

  private static List<String> digests(TextKey key, List<String> values) {
    if (values.isEmpty() || !PREFER_DIGEST.containsAll(values)) {
      throw new IllegalArgumentException(
          "%s is %s, expected CRC32C, None or both".formatted(key.wireName(), values));
    }
    return List.copyOf(values);
  }

  private static void check(TextKey key, int value) {
    if (value < key.lowest() || value > key.highest()) {
      throw new IllegalArgumentException(
          "%s is %d, expected %d to %d"
              .formatted(key.wireName(), value, key.lowest(), key.highest()));
    }
  }

  /** The same with other digests. */
  public ParameterProposal withDigests(List<String> header, List<String> data) {
    return new ParameterProposal(
        header,
        data,
        maxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        initialR2T,
        immediateData,
        maxOutstandingR2T,
        defaultTime2Wait,
        defaultTime2Retain);
  }

  /** The same with another choice of whether, and how, data may be sent unasked. */
  public ParameterProposal withUnsolicitedData(boolean initialR2T, boolean immediateData) {
    return new ParameterProposal(
        headerDigest,
        dataDigest,
        maxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        initialR2T,
        immediateData,
        maxOutstandingR2T,
        defaultTime2Wait,
        defaultTime2Retain);
  }

  /** The same with other lengths. */
  public ParameterProposal withLengths(
      int maxRecvDataSegmentLength, int maxBurstLength, int firstBurstLength) {
    return new ParameterProposal(
        headerDigest,
        dataDigest,
        maxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        initialR2T,
        immediateData,
        maxOutstandingR2T,
        defaultTime2Wait,
        defaultTime2Retain);
  }

  /** What this side says for a key that is negotiated: a list, Yes or No, or a number. */
  String valueOf(TextKey key) {
    return switch (key) {
      case HEADER_DIGEST -> String.join(",", headerDigest);
      case DATA_DIGEST -> String.join(",", dataDigest);
      // With one connection per session a response fence is what happens anyway (RFC 7143 clause
      // 4.2.3.3).
      case TASK_REPORTING -> "ResponseFence,RFC3720";
      case INITIAL_R2T -> yesOrNo(initialR2T);
      case IMMEDIATE_DATA -> yesOrNo(immediateData);
      case DATA_PDU_IN_ORDER, DATA_SEQUENCE_IN_ORDER -> "Yes";
      case IF_MARKER, OF_MARKER -> "No";
      case MAX_CONNECTIONS, ISCSI_PROTOCOL_LEVEL -> "1";
      case ERROR_RECOVERY_LEVEL -> "0";
      case MAX_BURST_LENGTH -> Integer.toString(maxBurstLength);
      case FIRST_BURST_LENGTH -> Integer.toString(firstBurstLength);
      case MAX_OUTSTANDING_R2T -> Integer.toString(maxOutstandingR2T);
      case DEFAULT_TIME2WAIT -> Integer.toString(defaultTime2Wait);
      case DEFAULT_TIME2RETAIN -> Integer.toString(defaultTime2Retain);
      case MAX_RECV_DATA_SEGMENT_LENGTH -> Integer.toString(maxRecvDataSegmentLength);
      default -> throw new IllegalArgumentException(key.wireName() + " is not negotiated");
    };
  }

  private static String yesOrNo(boolean value) {
    return value ? "Yes" : "No";
  }
}
