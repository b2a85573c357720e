package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.reservation.ReservationOutcome;
import io.sandrift.server.scsi.reservation.ReservationRequest;
import io.sandrift.server.scsi.reservation.ReservationRequest.Move;
import io.sandrift.server.scsi.reservation.ReservationRequest.ServiceAction;
import io.sandrift.server.scsi.reservation.ReservationState;
import io.sandrift.server.scsi.reservation.ReservationType;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.server.scsi.unit.UnitChange;
import io.sandrift.server.scsi.unit.UnitRules;
import io.sandrift.server.scsi.unit.UnitState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * PERSISTENT RESERVE IN and OUT (SPC-4), and RESERVE and RELEASE (SPC-2), decoded for {@link
 * UnitRules}.
 */
final class ReservationCommands {

  private static final int SPEC_I_PT = 0x08;
  private static final int ALL_TG_PT = 0x04;
  private static final int APTPL = 0x01;
  private static final int UNREG = 0x02;
  private static final int BASIC_LIST_BYTES = 24;
  private static final int TRANSPORT_IDS_OFFSET = 28;
  private static final int MOVE_TRANSPORT_ID_OFFSET = 24;

  private static final int SIP_C_ATP_C_PTPL_C = 0x0d;
  private static final int TMV = 0x80;
  private static final int TEST_UNIT_READY_ALLOWED = 0x10;
  private static final int ALL_TYPES = 0xea01;

  private ReservationCommands() {}

  static List<DiskCommand> all() {
    List<DiskCommand> commands = new ArrayList<>();
    commands.add(
        DiskCommand.of("16 00 00 00 00 00", Access.OWN_RULES, (n, c) -> reserve(n, c, 0x11)));
    commands.add(
        DiskCommand.of("17 00 00 00 00 00", Access.OWN_RULES, (n, c) -> release(n, c, 0x11)));
    commands.add(
        DiskCommand.of(
            "56 00 00 00 00 00 00 00 00 00", Access.OWN_RULES, (n, c) -> reserve(n, c, 0x12)));
    commands.add(
        DiskCommand.of(
            "57 00 00 00 00 00 00 00 00 00", Access.OWN_RULES, (n, c) -> release(n, c, 0x12)));
    commands.add(in(0x00, "5e 00 00 00 00 00 00 ff ff 00", ReservationCommands::readKeys));
    commands.add(in(0x01, "5e 01 00 00 00 00 00 ff ff 00", ReservationCommands::readReservation));
    commands.add(in(0x02, "5e 02 00 00 00 00 00 ff ff 00", state -> reportCapabilities(state)));
    commands.add(in(0x03, "5e 03 00 00 00 00 00 ff ff 00", ReservationCommands::readFullStatus));
    for (ServiceAction action : ServiceAction.values()) {
      String usage =
          String.format(Locale.ROOT, "5f %02x ff 00 00 ff ff ff ff 00", action.wireValue());
      commands.add(
          DiskCommand.of(action.wireValue(), usage, Access.OWN_RULES, (n, c) -> out(n, c, action)));
    }
    return commands;
  }

  /* Byte 1 has reserving parts of the unit, and for others: long obsolete, and not offered. */
  private static Execution reserve(DiskNexus nexus, Command command, int unsupported) {
    if ((command.byteAt(1) & unsupported) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(1));
    }
    SharedUnit unit = nexus.disk().shared();
    nexus.reserves();
    return perform(unit, UnitRules.reserve(unit.simpleReservation(nexus.id())));
  }

  private static Execution release(DiskNexus nexus, Command command, int unsupported) {
    if ((command.byteAt(1) & unsupported) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(1));
    }
    return perform(nexus.disk().shared(), UnitRules.release(nexus.id()));
  }

  private static Execution perform(SharedUnit unit, UnitChange<Boolean> change) {
    return new PendingChange<>(
        unit,
        change,
        isDone -> isDone ? Response.GOOD : Response.of(ScsiStatus.RESERVATION_CONFLICT));
  }

  private interface Report {
    ParameterData of(ReservationState state);
  }

  private static DiskCommand in(int serviceAction, String usage, Report report) {
    return DiskCommand.of(
        serviceAction,
        usage,
        Access.OWN_RULES,
        (nexus, command) -> {
          Optional<UnitState> state = nexus.disk().shared().current();
          if (state.isEmpty()) {
            return DiskNexus.busy();
          }
          return state.get().reserved().isPresent()
              ? DiskNexus.conflict()
              : report.of(state.get().reservations()).toExecution(command.shortAt(7));
        });
  }

  private static ParameterData readKeys(ReservationState state) {
    ParameterData data = new ParameterData().u32(state.generation()).u32(8L * state.keys().size());
    state.keys().values().forEach(data::u64);
    return data;
  }

  /* 0 PRGENERATION, 4 length, 8 the holder's key (0: all registrants hold it), 21 scope, type. */
  private static ParameterData readReservation(ReservationState state) {
    ParameterData data = new ParameterData().u32(state.generation());
    if (state.reservation().isEmpty()) {
      return data.u32(0);
    }
    ReservationType type = state.reservation().get().type();
    long key =
        type.isHeldByAllRegistrants()
            ? 0
            : state.keys().getOrDefault(state.reservation().get().holder(), 0L);
    return data.u32(16).u64(key).u32(0).u8(0).u8(type.wireValue()).u16(0);
  }

  private static ParameterData reportCapabilities(ReservationState state) {
    return new ParameterData()
        .u16(8)
        .u8(SIP_C_ATP_C_PTPL_C)
        .u8(TMV | TEST_UNIT_READY_ALLOWED | (state.persistsThroughPowerLoss() ? APTPL : 0))
        .u16(ALL_TYPES)
        .u16(0);
  }

  /*
   * Per registration: 0 key, 12 ALL_TG_PT and R_HOLDER, 13 scope and type, 18 relative target port,
   * 20 length of what follows, 24 TransportID.
   */
  private static ParameterData readFullStatus(ReservationState state) {
    ParameterData data = new ParameterData().u32(state.generation()).u32(0);
    state
        .keys()
        .forEach(
            (registrant, key) -> {
              boolean everywhere = registrant.relativeTargetPort() == Registrant.ALL_TARGET_PORTS;
              boolean holds = state.isHeldBy(registrant);
              byte[] transportId = TransportId.encode(registrant.initiatorPort());
              data.u64(key).u32(0).u8((everywhere ? 0x02 : 0) | (holds ? 0x01 : 0));
              data.u8(holds ? state.reservation().orElseThrow().type().wireValue() : 0);
              data.u32(0).u16(registrant.relativeTargetPort());
              data.u32(transportId.length).bytes(transportId);
            });
    data.setU32(4, data.length() - 8);
    return data;
  }

  private static Execution out(DiskNexus nexus, Command command, ServiceAction action) {
    boolean usesScope =
        switch (action) {
          case RESERVE, RELEASE, PREEMPT, PREEMPT_AND_ABORT -> true;
          default -> false;
        };
    if (usesScope && (command.byteAt(2) & 0xf0) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(2, 7)); // only LU_SCOPE
    }
    long length = command.intAt(5);
    if (length < BASIC_LIST_BYTES) {
      return nexus.refuse(SenseData.parameterListLengthError());
    }
    Optional<ReservationType> type =
        Optional.ofNullable(ReservationType.of(command.byteAt(2) & 0x0f));
    return ParameterList.receive(
        nexus,
        command,
        length,
        new ChangeByList<ReservationOutcome>(nexus) {
          @Override
          Asked<ReservationOutcome> read(byte[] list) {
            boolean moves = action == ServiceAction.REGISTER_AND_MOVE;
            Optional<SenseData> wrong = moves ? checkMove(list) : check(action, list);
            return wrong.isPresent()
                ? refuse(wrong.get())
                : ask(
                    UnitRules.persistentReserve(
                        nexus.id(), moves ? decodeMove(list) : decode(action, type, list)));
          }

          @Override
          Response answer(ReservationOutcome outcome) {
            if (outcome instanceof ReservationOutcome.Refused refused) {
              return nexus.unit().check(refused.sense());
            }
            return outcome instanceof ReservationOutcome.Accepted
                ? Response.GOOD
                : Response.of(ScsiStatus.RESERVATION_CONFLICT);
          }
        });
  }

  /* The basic list: 0 key, 8 action key, 20 flags; with SPEC_I_PT: 24 length, 28 TransportIDs. */
  private static Optional<SenseData> check(ServiceAction action, byte[] list) {
    boolean specifiesOthers = (list[20] & SPEC_I_PT) != 0;
    if (!specifiesOthers) {
      return list.length == BASIC_LIST_BYTES
          ? Optional.empty()
          : Optional.of(SenseData.parameterListLengthError());
    }
    if (action != ServiceAction.REGISTER) {
      return Optional.of(SenseData.invalidFieldInParameterList(20));
    }
    if (list.length < TRANSPORT_IDS_OFFSET
        || ByteBuffer.wrap(list).getInt(BASIC_LIST_BYTES) != list.length - TRANSPORT_IDS_OFFSET) {
      return Optional.of(SenseData.parameterListLengthError());
    }
    int at = TRANSPORT_IDS_OFFSET;
    while (at < list.length) {
      Optional<TransportId> id = TransportId.decode(list, at);
      if (id.isEmpty()) {
        return Optional.of(SenseData.invalidFieldInParameterList(at));
      }
      at += id.get().lengthBytes();
    }
    return Optional.empty();
  }

  private static ReservationRequest decode(
      ServiceAction action, Optional<ReservationType> type, byte[] list) {
    ByteBuffer fields = ByteBuffer.wrap(list);
    List<String> others = new ArrayList<>();
    for (int at = TRANSPORT_IDS_OFFSET; at < list.length; ) {
      TransportId id = TransportId.decode(list, at).orElseThrow();
      others.add(id.initiatorPort());
      at += id.lengthBytes();
    }
    return new ReservationRequest(
        action,
        type,
        fields.getLong(0),
        fields.getLong(8),
        (list[20] & APTPL) != 0,
        (list[20] & ALL_TG_PT) != 0,
        others,
        Optional.empty());
  }

  /* The list to move: 0 key, 8 action key, 17 flags, 18 target port, 20 length, 24 TransportID. */
  private static Optional<SenseData> checkMove(byte[] list) {
    if (ByteBuffer.wrap(list).getInt(20) != list.length - MOVE_TRANSPORT_ID_OFFSET) {
      return Optional.of(SenseData.parameterListLengthError());
    }
    return TransportId.decode(list, MOVE_TRANSPORT_ID_OFFSET).isPresent()
        ? Optional.empty()
        : Optional.of(SenseData.invalidFieldInParameterList(MOVE_TRANSPORT_ID_OFFSET));
  }

  private static ReservationRequest decodeMove(byte[] list) {
    ByteBuffer fields = ByteBuffer.wrap(list);
    TransportId id = TransportId.decode(list, MOVE_TRANSPORT_ID_OFFSET).orElseThrow();
    Registrant destination = new Registrant(id.initiatorPort(), fields.getShort(18) & 0xffff);
    return new ReservationRequest(
        ServiceAction.REGISTER_AND_MOVE,
        Optional.empty(),
        fields.getLong(0),
        fields.getLong(8),
        (list[17] & APTPL) != 0,
        false,
        List.of(),
        Optional.of(new Move(destination, (list[17] & UNREG) != 0)));
  }
}
