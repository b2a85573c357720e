package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.reservation.Reservation;
import io.sandrift.server.scsi.reservation.ReservationRules;
import io.sandrift.server.scsi.reservation.ReservationState;
import io.sandrift.server.scsi.reservation.ReservationType;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The saved form of a {@link UnitState}, big-endian:
 *
 * <pre>
 *   1 format version (1) | 8 revision | 8 stamp | 8 complete after
 *   1 mode: bit 0 WCE, 1 D_SENSE, 2 SWP
 *   1 RESERVEd (0 or 1), and then: nexus | text server | 8 process
 *   1 APTPL | 4 PRGENERATION | 1 reservation type (0 none) | 2 index of its holder
 *   2 registrations, each: registrant | 8 key
 *   2 events, each: 8 revision | 2 attention | 1 flags: bit 0 aborts, 1 tells its cause, 2 has one
 *                   [nexus] | 2 registrants, each: registrant
 *   2 nexuses that are owed attentions, each: nexus | 1 attentions, each: 2
 *
 *   text: 2 length | UTF-8      nexus, registrant: text initiator port | 2 relative target port
 *   attention: additional sense code and qualifier; 0 none
 * </pre>
 */
public final class UnitStateCodec {

  private static final int VERSION = 1;

  private static final int WCE = 0x01;
  private static final int D_SENSE = 0x02;
  private static final int SWP = 0x04;

  private static final int ABORTS = 0x01;
  private static final int TELLS_CAUSE = 0x02;
  private static final int HAS_CAUSE = 0x04;

  private UnitStateCodec() {}

  public static byte[] encode(UnitState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(VERSION);
      out.writeLong(state.revision());
      out.writeLong(state.stamp());
      out.writeLong(state.completeAfter());
      ModeParameters mode = state.mode();
      out.writeByte(
          (mode.writeCache() ? WCE : 0)
              | (mode.descriptorSense() ? D_SENSE : 0)
              | (mode.writeProtected() ? SWP : 0));
      out.writeBoolean(state.reserved().isPresent());
      if (state.reserved().isPresent()) {
        writeNexus(out, state.reserved().get().nexus());
        writeText(out, state.reserved().get().server());
        out.writeLong(state.reserved().get().process());
      }
      writeReservations(out, state.reservations());
      out.writeShort(state.events().size());
      for (UnitEvent event : state.events()) {
        writeEvent(out, event);
      }
      out.writeShort(state.owed().size());
      for (Map.Entry<NexusId, Set<AdditionalSense>> owed : state.owed().entrySet()) {
        writeNexus(out, owed.getKey());
        out.writeByte(owed.getValue().size());
        for (AdditionalSense attention : owed.getValue()) {
          writeAttention(out, Optional.of(attention));
        }
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
  public static UnitState decode(byte[] saved) {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
    try {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "a saved logical unit's state has format version "
                + version
                + ", this server reads "
                + VERSION
                + ": use the server version that wrote it, or newer");
      }
      long revision = in.readLong();
      long stamp = in.readLong();
      long completeAfter = in.readLong();
      int mode = in.readUnsignedByte();
      Optional<SimpleReservation> reserved = Optional.empty();
      if (in.readBoolean()) {
        reserved = Optional.of(new SimpleReservation(readNexus(in), readText(in), in.readLong()));
      }
      ReservationState reservations = readReservations(in);
      List<UnitEvent> events = new ArrayList<>();
      for (int left = count(in, UnitState.MAX_EVENTS, "events"); left > 0; left--) {
        events.add(readEvent(in));
      }
      Map<NexusId, Set<AdditionalSense>> owed = new LinkedHashMap<>();
      for (int left = count(in, UnitState.MAX_OWED, "owed nexuses"); left > 0; left--) {
        NexusId nexus = readNexus(in);
        Set<AdditionalSense> attentions = EnumSet.noneOf(AdditionalSense.class);
        for (int more = in.readUnsignedByte(); more > 0; more--) {
          readAttention(in).ifPresent(attentions::add);
        }
        owed.put(nexus, attentions);
      }
      return new UnitState(
          revision,
          stamp,
          reservations,
          reserved,
          new ModeParameters((mode & WCE) != 0, (mode & D_SENSE) != 0, (mode & SWP) != 0),
          events,
          completeAfter,
          owed);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "a saved logical unit's state ends early, after " + saved.length + " bytes", e);
    }
  }

  private static void writeReservations(DataOutputStream out, ReservationState state)
      throws IOException {
    List<Registrant> order = List.copyOf(state.keys().keySet());
    out.writeBoolean(state.persistsThroughPowerLoss());
    out.writeInt(state.generation());
    out.writeByte(state.reservation().map(held -> held.type().wireValue()).orElse(0));
    out.writeShort(state.reservation().map(held -> order.indexOf(held.holder())).orElse(0));
    out.writeShort(order.size());
    for (Map.Entry<Registrant, Long> entry : state.keys().entrySet()) {
      writeRegistrant(out, entry.getKey());
      out.writeLong(entry.getValue());
    }
  }

  private static ReservationState readReservations(DataInputStream in) throws IOException {
    boolean persists = in.readBoolean();
    int generation = in.readInt();
    int type = in.readUnsignedByte();
    int holder = in.readUnsignedShort();
    Map<Registrant, Long> keys = new LinkedHashMap<>();
    Registrant held = null;
    int count = count(in, ReservationRules.MAX_REGISTRATIONS, "registrations");
    for (int i = 0; i < count; i++) {
      Registrant registrant = readRegistrant(in);
      keys.put(registrant, in.readLong());
      if (i == holder) {
        held = registrant;
      }
    }
    Optional<Reservation> reservation = Optional.empty();
    if (type != 0) {
      ReservationType known = ReservationType.of(type);
      if (known == null || held == null) {
        throw new IllegalArgumentException(
            "a saved reservation has type " + type + " and holder " + holder + " of " + count);
      }
      reservation = Optional.of(new Reservation(held, known));
    }
    return new ReservationState(generation, persists, keys, reservation);
  }

  private static void writeEvent(DataOutputStream out, UnitEvent event) throws IOException {
    out.writeLong(event.revision());
    writeAttention(out, event.attention());
    out.writeByte(
        (event.aborts() ? ABORTS : 0)
            | (event.tellsBy() ? TELLS_CAUSE : 0)
            | (event.by().isPresent() ? HAS_CAUSE : 0));
    if (event.by().isPresent()) {
      writeNexus(out, event.by().get());
    }
    out.writeShort(event.to().size());
    for (Registrant registrant : event.to()) {
      writeRegistrant(out, registrant);
    }
  }

  private static UnitEvent readEvent(DataInputStream in) throws IOException {
    long revision = in.readLong();
    Optional<AdditionalSense> attention = readAttention(in);
    int flags = in.readUnsignedByte();
    Optional<NexusId> by = (flags & HAS_CAUSE) != 0 ? Optional.of(readNexus(in)) : Optional.empty();
    Set<Registrant> to = new LinkedHashSet<>();
    for (int left = count(in, UnitState.MAX_NAMED, "registrants of an event"); left > 0; left--) {
      to.add(readRegistrant(in));
    }
    return new UnitEvent(
        revision, attention, to, (flags & ABORTS) != 0, by, (flags & TELLS_CAUSE) != 0);
  }

  private static void writeAttention(DataOutputStream out, Optional<AdditionalSense> attention)
      throws IOException {
    out.writeShort(attention.map(what -> what.code() << 8 | what.qualifier()).orElse(0));
  }

  /** An attention that a newer version added is left out: this version can't report it. */
  private static Optional<AdditionalSense> readAttention(DataInputStream in) throws IOException {
    int value = in.readUnsignedShort();
    for (AdditionalSense what : AdditionalSense.values()) {
      if (value != 0 && value == (what.code() << 8 | what.qualifier())) {
        return Optional.of(what);
      }
    }
    return Optional.empty();
  }

  private static void writeNexus(DataOutputStream out, NexusId nexus) throws IOException {
    writeText(out, nexus.initiatorPort());
    out.writeShort(nexus.relativeTargetPort());
  }

  private static NexusId readNexus(DataInputStream in) throws IOException {
    return new NexusId(readText(in), in.readUnsignedShort());
  }

  private static void writeRegistrant(DataOutputStream out, Registrant registrant)
      throws IOException {
    writeText(out, registrant.initiatorPort());
    out.writeShort(registrant.relativeTargetPort());
  }

  private static Registrant readRegistrant(DataInputStream in) throws IOException {
    return new Registrant(readText(in), in.readUnsignedShort());
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedShort()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int count(DataInputStream in, int most, String what) throws IOException {
    int count = in.readUnsignedShort();
    if (count > most) {
      throw new IllegalArgumentException(
          "a saved logical unit's state lists " + count + " " + what + ", more than " + most);
    }
    return count;
  }
}
