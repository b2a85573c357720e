package io.sandrift.iscsi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.iscsi.pdu.TargetPdu;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Any PDU that there is, with any values that its header can carry: every record behind the two
 * sealed interfaces, so that a new one is covered without being mentioned here.
 */
final class AnyPdu {

  private static final long UINT32_MAX = 0xffffffffL;

  private AnyPdu() {}

  static Arbitrary<Pdu> of(PduDecoder.Sender sender) {
    List<Arbitrary<Pdu>> each = new ArrayList<>();
    for (Class<?> type : types(sender)) {
      each.add(ofType(type));
    }
    return Arbitraries.oneOf(each);
  }

  static List<Class<?>> types(PduDecoder.Sender sender) {
    Class<?> all = sender == PduDecoder.Sender.INITIATOR ? InitiatorPdu.class : TargetPdu.class;
    return Arrays.asList(all.getPermittedSubclasses());
  }

  private static Arbitrary<Pdu> ofType(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    List<Arbitrary<Object>> values = new ArrayList<>();
    for (RecordComponent component : components) {
      values.add(valueOf(component).asGeneric());
    }
    return Combinators.combine(values).as(list -> create(type, components, list));
  }

  private static Pdu create(Class<?> type, RecordComponent[] components, List<Object> list) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < components.length; i++) {
      values.put(components[i].getName(), list.get(i));
    }
    if (Boolean.FALSE.equals(values.get("transit"))) {
      values.put("nextStage", values.get("currentStage"));
    }
    if (Boolean.FALSE.equals(values.get("hasStatus"))) {
      values.put("status", 0);
      values.put("statSn", 0);
      values.put("residual", Residual.NONE);
    }
    try {
      Class<?>[] parameters =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      var constructor = type.getDeclaredConstructor(parameters);
      return (Pdu) constructor.newInstance(values.values().toArray());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Arbitrary<?> valueOf(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == boolean.class) {
      return Arbitraries.of(true, false);
    }
    if (type.isEnum()) {
      return Arbitraries.of(type.getEnumConstants());
    }
    if (type == int.class) {
      return number(component.getName());
    }
    if (type == long.class) {
      return switch (component.getName()) {
        case "lun" -> Arbitraries.longs();
        // Only ever received, in an additional header.
        case "bidirectionalReadLength" -> Arbitraries.just(0L);
        default -> Arbitraries.longs().between(0, UINT32_MAX);
      };
    }
    if (type == Isid.class) {
      return Arbitraries.longs().between(0, (1L << 48) - 1).map(Isid::new);
    }
    if (type == Residual.class) {
      return Combinators.combine(
              Arbitraries.of(true, false), Arbitraries.longs().between(0, UINT32_MAX))
          .as((over, count) -> count == 0 ? Residual.NONE : new Residual(over, !over, count));
    }
    if (type == byte[].class) {
      return Arbitraries.bytes().array(byte[].class).ofSize(16);
    }
    if (type == ByteBuf.class) {
      return Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(Unpooled::wrappedBuffer);
    }
    throw new AssertionError("no values for " + component);
  }

  private static Arbitrary<Integer> number(String name) {
    return switch (name) {
      case "type" -> Arbitraries.integers().between(0, 15);
      case "function" -> Arbitraries.integers().between(0, 127);
      // A Logout's reason shares its byte with the F bit; the others would take one bit more.
      case "reason" -> Arbitraries.integers().between(0, 127);
      case "event", "status", "response", "versionMax", "versionMin" ->
          Arbitraries.integers().between(0, 255);
      case "tsih",
          "connectionId",
          "time2Wait",
          "time2Retain",
          "parameter1",
          "parameter2",
          "parameter3" ->
          Arbitraries.integers().between(0, 65535);
      default -> Arbitraries.integers();
    };
  }

  /** Fails unless both are the same PDU with the same contents. */
  static void assertSame(Pdu expected, Pdu actual) {
    if (expected.getClass() != actual.getClass()) {
      throw new AssertionError(expected + " became " + actual);
    }
    for (RecordComponent component : expected.getClass().getRecordComponents()) {
      Object one = valueIn(expected, component);
      Object other = valueIn(actual, component);
      if (!Arrays.deepEquals(new Object[] {one}, new Object[] {other})) {
        throw new AssertionError(component.getName() + " of " + expected + " became " + other);
      }
    }
  }

  private static Object valueIn(Pdu pdu, RecordComponent component) {
    try {
      return component.getAccessor().invoke(pdu);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
