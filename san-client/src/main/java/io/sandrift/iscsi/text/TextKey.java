package io.sandrift.iscsi.text;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every text key that this implementation understands, each declared once (RFC 7143 chapters 12 and
 * 13): its name, by which rule its value comes about, its default and range, and where it may be
 * used.
 */
public enum TextKey {
  AUTH_METHOD("AuthMethod", Rule.SECURITY, Use.SECURITY_STAGE),
  CHAP_A("CHAP_A", Rule.SECURITY, Use.SECURITY_STAGE),
  CHAP_I("CHAP_I", Rule.SECURITY, Use.SECURITY_STAGE),
  CHAP_C("CHAP_C", Rule.SECURITY, Use.SECURITY_STAGE),
  CHAP_N("CHAP_N", Rule.SECURITY, Use.SECURITY_STAGE),
  CHAP_R("CHAP_R", Rule.SECURITY, Use.SECURITY_STAGE),

  INITIATOR_NAME("InitiatorName", Rule.DECLARATION, Use.LOGIN),
  INITIATOR_ALIAS("InitiatorAlias", Rule.DECLARATION, Use.ANY_TIME),
  TARGET_NAME("TargetName", Rule.DECLARATION, Use.LOGIN),
  TARGET_ALIAS("TargetAlias", Rule.DECLARATION, Use.ANY_TIME),
  TARGET_ADDRESS("TargetAddress", Rule.DECLARATION, Use.ANY_TIME),
  TARGET_PORTAL_GROUP_TAG("TargetPortalGroupTag", Rule.DECLARATION, Use.LOGIN),
  SESSION_TYPE("SessionType", Rule.DECLARATION, Use.LOGIN),
  SEND_TARGETS("SendTargets", Rule.DECLARATION, Use.FULL_FEATURE_PHASE),

  HEADER_DIGEST("HeaderDigest", "None", Use.LOGIN),
  DATA_DIGEST("DataDigest", "None", Use.LOGIN),
  TASK_REPORTING("TaskReporting", "RFC3720", Use.NORMAL_LOGIN),
  INITIAL_R2T("InitialR2T", Rule.BOOLEAN_OR, "Yes", Use.NORMAL_LOGIN),
  IMMEDIATE_DATA("ImmediateData", Rule.BOOLEAN_AND, "Yes", Use.NORMAL_LOGIN),
  DATA_PDU_IN_ORDER("DataPDUInOrder", Rule.BOOLEAN_OR, "Yes", Use.NORMAL_LOGIN),
  DATA_SEQUENCE_IN_ORDER("DataSequenceInOrder", Rule.BOOLEAN_OR, "Yes", Use.NORMAL_LOGIN),
  MAX_CONNECTIONS("MaxConnections", Rule.MINIMUM, 1, 1, 65535, Use.NORMAL_LOGIN),
  MAX_RECV_DATA_SEGMENT_LENGTH(
      "MaxRecvDataSegmentLength", Rule.DECLARATION, 8192, 512, 0xffffff, Use.ANY_TIME),
  MAX_BURST_LENGTH("MaxBurstLength", Rule.MINIMUM, 262_144, 512, 0xffffff, Use.NORMAL_LOGIN),
  FIRST_BURST_LENGTH("FirstBurstLength", Rule.MINIMUM, 65_536, 512, 0xffffff, Use.NORMAL_LOGIN),
  MAX_OUTSTANDING_R2T("MaxOutstandingR2T", Rule.MINIMUM, 1, 1, 65535, Use.NORMAL_LOGIN),
  DEFAULT_TIME2WAIT("DefaultTime2Wait", Rule.MAXIMUM, 2, 0, 3600, Use.LOGIN),
  DEFAULT_TIME2RETAIN("DefaultTime2Retain", Rule.MINIMUM, 20, 0, 3600, Use.LOGIN),
  ERROR_RECOVERY_LEVEL("ErrorRecoveryLevel", Rule.MINIMUM, 0, 0, 2, Use.LOGIN),
  ISCSI_PROTOCOL_LEVEL("iSCSIProtocolLevel", Rule.MINIMUM, 1, 0, 31, Use.LOGIN),

  /** The markers of RFC 3720. Clause 13.25: whoever still offers them is answered No or Reject. */
  IF_MARKER("IFMarker", Rule.BOOLEAN_AND, "No", Use.LOGIN),
  OF_MARKER("OFMarker", Rule.BOOLEAN_AND, "No", Use.LOGIN),
  IF_MARK_INT("IFMarkInt", Rule.OBSOLETE, Use.LOGIN),
  OF_MARK_INT("OFMarkInt", Rule.OBSOLETE, Use.LOGIN);

  /** How two sides come to a value (clause 6.2). */
  public enum Rule {
    /** One side states it; there is no answer. */
    DECLARATION,
    /** The first in the offered list that the other side takes (clause 6.2.1). */
    LIST,
    /** Yes when both say so. */
    BOOLEAN_AND,
    /** Yes when either says so. */
    BOOLEAN_OR,
    /** The smaller number. */
    MINIMUM,
    /** The larger number. */
    MAXIMUM,
    /** Part of an authentication method's own exchange (chapter 12). */
    SECURITY,
    /** Always answered Reject. */
    OBSOLETE
  }

  /** Where a key may be used. */
  public enum Use {
    /** Only in the login phase's security negotiation stage. */
    SECURITY_STAGE,
    /** In the login phase. */
    LOGIN,
    /** In the login phase; irrelevant to a discovery session. */
    NORMAL_LOGIN,
    FULL_FEATURE_PHASE,
    ANY_TIME
  }

  /** The answer to a key that is not understood. */
  public static final String NOT_UNDERSTOOD = "NotUnderstood";

  /** The answer to an offer that can't be met; the key keeps the value it had. */
  public static final String REJECT = "Reject";

  /** The answer to an offer that has no meaning in this session. */
  public static final String IRRELEVANT = "Irrelevant";

  private static final Map<String, TextKey> BY_WIRE_NAME = new HashMap<>();

  static {
    for (TextKey key : values()) {
      BY_WIRE_NAME.put(key.wireName, key);
    }
  }

  private final String wireName;
  private final Rule rule;
  private final String defaultValue;
  private final int lowest;
  private final int highest;
  private final Use use;

  TextKey(String wireName, Rule rule, String defaultValue, int lowest, int highest, Use use) {
    this.wireName = wireName;
    this.rule = rule;
    this.defaultValue = defaultValue;
    this.lowest = lowest;
    this.highest = highest;
    this.use = use;
  }

  TextKey(String wireName, Rule rule, Use use) {
    this(wireName, rule, "", 0, 0, use);
  }

  TextKey(String wireName, Rule rule, String defaultValue, Use use) {
    this(wireName, rule, defaultValue, 0, 0, use);
  }

  TextKey(String wireName, String defaultValue, Use use) {
    this(wireName, Rule.LIST, defaultValue, 0, 0, use);
  }

  TextKey(String wireName, Rule rule, int defaultValue, int lowest, int highest, Use use) {
    this(wireName, rule, Integer.toString(defaultValue), lowest, highest, use);
  }

  /** The key's name in text; upper and lower case matter. */
  public String wireName() {
    return wireName;
  }

  public Rule rule() {
    return rule;
  }

  /** The value when nothing was agreed; empty for a key without one. */
  public String defaultValue() {
    return defaultValue;
  }

  /** The smallest number, for a numerical key. */
  public int lowest() {
    return lowest;
  }

  /** The largest number, for a numerical key. */
  public int highest() {
    return highest;
  }

  public Use use() {
    return use;
  }

  /** Whether the value is a number from {@link #lowest} to {@link #highest}. */
  public boolean isNumerical() {
    return highest > 0;
  }

  /** Reads a number in this key's range. */
  public int parseNumber(String value) throws MalformedTextException {
    if (!isNumerical()) {
      throw new IllegalStateException(wireName + " is not a numerical key");
    }
    return NumericValue.parse(wireName, value, lowest, highest);
  }

  /** The key with this name, or null when it is not understood. */
  public static @Nullable TextKey ofWireName(String wireName) {
    return BY_WIRE_NAME.get(wireName);
  }

  /** Whether a key's value may be a large binary one: CHAP's challenge and response. */
  static boolean hasLargeValue(String wireName) {
    TextKey key = ofWireName(wireName);
    return key == CHAP_C || key == CHAP_R;
  }

  /** Whether a value is one of the three answers that leave a key as it was. */
  static boolean isRefusal(String value) {
    return value.equals(REJECT) || value.equals(IRRELEVANT) || value.equals(NOT_UNDERSTOOD);
  }
}
