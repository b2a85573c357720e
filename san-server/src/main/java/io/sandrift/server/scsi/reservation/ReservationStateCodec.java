package io.sandrift.server.scsi.reservation;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The saved form of a {@link ReservationState}, big-endian:
 *
 * <pre>
 *   1 format version (1) | 1 flags: bit 0 APTPL | 4 PRGENERATION
 *   1 reservation type (0 none) | 4 index of its holder | 4 number of registrations
 *   per registration: 8 key | 2 relative target port | 2 length | initiator port in UTF-8
 * </pre>
 */
final class ReservationStateCodec {

  private static final int VERSION = 1;
  private static final int APTPL = 0x01;

  private ReservationStateCodec() {}

  static byte[] encode(ReservationState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    List<Registrant> order = List.copyOf(state.keys().keySet());
    try {
      out.writeByte(VERSION);
      out.writeByte(state.persistsThroughPowerLoss() ? APTPL : 0);
      out.writeInt(state.generation());
      out.writeByte(state.reservation().map(held -> held.type().wireValue()).orElse(0));
      out.writeInt(state.reservation().map(held -> order.indexOf(held.holder())).orElse(0));
      out.writeInt(order.size());
      for (Map.Entry<Registrant, Long> entry : state.keys().entrySet()) {
        byte[] name = entry.getKey().initiatorPort().getBytes(StandardCharsets.UTF_8);
        out.writeLong(entry.getValue());
        out.writeShort(entry.getKey().relativeTargetPort());
        out.writeShort(name.length);
        out.write(name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array can't fail to be written", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a saved state.
   *
   * @throws IllegalArgumentException when the bytes are not what {@link #encode} writes, or from a
   *     newer version
   */
  static ReservationState decode(byte[] saved) {
    ByteBuffer in = ByteBuffer.wrap(saved);
    try {
      int version = in.get();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "saved reservations have format version "
                + version
                + ", this server reads "
                + VERSION
                + ": use the server version that wrote them, or newer");
      }
      int flags = in.get();
      int generation = in.getInt();
      int type = in.get();
      int holder = in.getInt();
      int count = in.getInt();
      if (count < 0 || count > ReservationRules.MAX_REGISTRATIONS) {
        throw new IllegalArgumentException("saved reservations list " + count + " registrations");
      }
      Map<Registrant, Long> keys = new LinkedHashMap<>();
      Registrant held = null;
      for (int i = 0; i < count; i++) {
        long key = in.getLong();
        int port = in.getShort() & 0xffff;
        byte[] name = new byte[in.getShort() & 0xffff];
        in.get(name);
        Registrant registrant = new Registrant(new String(name, StandardCharsets.UTF_8), port);
        keys.put(registrant, key);
        if (i == holder) {
          held = registrant;
        }
      }
      Optional<Reservation> reservation = Optional.empty();
      if (type != 0) {
        ReservationType known = ReservationType.of(type);
        if (known == null || held == null) {
          throw new IllegalArgumentException(
              "saved reservation has type " + type + " and holder " + holder + " of " + count);
        }
        reservation = Optional.of(new Reservation(held, known));
      }
      return new ReservationState(generation, (flags & APTPL) != 0, keys, reservation);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException(
          "saved reservations end early, after " + saved.length + " bytes", e);
    }
  }
}
