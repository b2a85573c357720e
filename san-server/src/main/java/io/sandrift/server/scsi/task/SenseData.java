package io.sandrift.server.scsi.task;

import java.nio.ByteBuffer;

/**
 * Sense data before it is put into one of its two formats (SPC-4 clause 4.5), which the logical
 * unit's control mode page chooses (D_SENSE).
 *
 * @param hasInformation whether {@code information} is meant
 * @param information the command's own datum: for a miscompare, the offset of the byte that
 *     differed
 * @param keySpecific the sense-key-specific field with its SKSV bit (SPC-4), 24 bits; 0 when there
 *     is none
 */
public record SenseData(
    SenseKey key,
    AdditionalSense additional,
    boolean hasInformation,
    long information,
    int keySpecific) {

  private static final int FIXED_LENGTH = 18;
  private static final int SKSV = 0x80_0000;
  private static final int IN_CDB = 0x40_0000;
  private static final int BIT_POINTER_VALID = 0x08_0000;

  /** Sense data that says no more than what happened. */
  public static SenseData of(SenseKey key, AdditionalSense additional) {
    return new SenseData(key, additional, false, 0, 0);
  }

  /** ILLEGAL REQUEST for a field of the CDB: points at its first byte. */
  public static SenseData invalidFieldInCdb(int byteOffset) {
    return of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB)
        .pointingAt(IN_CDB | byteOffset);
  }

  /**
   * ILLEGAL REQUEST for a field of the CDB: points at its most significant bit.
   *
   * @param bit 7 to 0
   */
  public static SenseData invalidFieldInCdb(int byteOffset, int bit) {
    return of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB)
        .pointingAt(IN_CDB | BIT_POINTER_VALID | (bit << 16) | byteOffset);
  }

  /** ILLEGAL REQUEST for a field of the parameter list: points at its first byte. */
  public static SenseData invalidFieldInParameterList(int byteOffset) {
    return inParameterList(AdditionalSense.INVALID_FIELD_IN_PARAMETER_LIST, byteOffset);
  }

  /** ILLEGAL REQUEST of any kind that lies in the parameter list: points at the byte. */
  public static SenseData inParameterList(AdditionalSense additional, int byteOffset) {
    return of(SenseKey.ILLEGAL_REQUEST, additional).pointingAt(byteOffset & 0xffff);
  }

  /** ILLEGAL REQUEST, PARAMETER LIST LENGTH ERROR. */
  public static SenseData parameterListLengthError() {
    return of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.PARAMETER_LIST_LENGTH_ERROR);
  }

  /** This sense data with an INFORMATION field. */
  public SenseData withInformation(long value) {
    return new SenseData(key, additional, true, value, keySpecific);
  }

  private SenseData pointingAt(int pointer) {
    return new SenseData(key, additional, hasInformation, information, SKSV | pointer);
  }

  /** The bytes, as current information, in descriptor or in fixed format. */
  public byte[] encode(boolean descriptorFormat) {
    return descriptorFormat ? encodeDescriptors() : encodeFixed();
  }

  /** A CHECK CONDITION with this sense data. */
  public Response toResponse(boolean descriptorFormat) {
    return new Response(ScsiStatus.CHECK_CONDITION, encode(descriptorFormat));
  }

  /*
   * Fixed format (SPC-4 clause 4.5.3): 0 VALID | response code 70h, 2 sense key, 3 INFORMATION,
   * 7 additional length, 12 code, 13 qualifier, 15 sense key specific. INFORMATION has 32 bits: a
   * larger value is left out, as the standard wants it (VALID = 0).
   */
  private byte[] encodeFixed() {
    byte[] data = new byte[FIXED_LENGTH];
    boolean fits = information >= 0 && information <= 0xffff_ffffL;
    data[0] = (byte) (hasInformation && fits ? 0xf0 : 0x70);
    data[2] = (byte) key.wireValue();
    ByteBuffer fields = ByteBuffer.wrap(data);
    if (hasInformation && fits) {
      fields.putInt(3, (int) information);
    }
    data[7] = FIXED_LENGTH - 8;
    data[12] = (byte) additional.code();
    data[13] = (byte) additional.qualifier();
    putKeySpecific(fields, 15);
    return data;
  }

  /*
   * Descriptor format (SPC-4 clause 4.5.2): 0 response code 72h, 1 sense key, 2 code, 3 qualifier,
   * 7 additional length; then an information descriptor (type 00h, 12 bytes) and a
   * sense-key-specific one (type 02h, 8 bytes), each when it has something to say.
   */
  private byte[] encodeDescriptors() {
    int length = 8 + (hasInformation ? 12 : 0) + (keySpecific != 0 ? 8 : 0);
    byte[] data = new byte[length];
    data[0] = 0x72;
    data[1] = (byte) key.wireValue();
    data[2] = (byte) additional.code();
    data[3] = (byte) additional.qualifier();
    data[7] = (byte) (length - 8);
    ByteBuffer fields = ByteBuffer.wrap(data);
    int at = 8;
    if (hasInformation) {
      data[at + 1] = 0x0a;
      data[at + 2] = (byte) 0x80;
      fields.putLong(at + 4, information);
      at += 12;
    }
    if (keySpecific != 0) {
      data[at] = 0x02;
      data[at + 1] = 0x06;
      putKeySpecific(fields, at + 4);
    }
    return data;
  }

  private void putKeySpecific(ByteBuffer fields, int at) {
    fields.put(at, (byte) (keySpecific >> 16));
    fields.putShort(at + 1, (short) keySpecific);
  }
}
