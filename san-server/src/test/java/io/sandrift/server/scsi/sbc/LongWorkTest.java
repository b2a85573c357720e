package io.sandrift.server.scsi.sbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.TaskAttribute;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class LongWorkTest {

  private static final int UNIT = 1 << 20;
  private static final int UNITS = 64;

  private final Queue<Runnable> executor = new ArrayDeque<>();
  private final MemoryReplica replica = new MemoryReplica(UNIT);
  private final BlockUnit unit =
      new BlockUnit(
          new StripedDevice(new StripeLayout(UNIT, 1), (long) UNITS * UNIT, replica),
          new BlockLimits(4096, UNIT),
          () -> ModeParameters.DEFAULT,
          executor::add);
  private final List<Response> responses = new ArrayList<>();

  private Execution.DataSink writeSameOfTheWholeDisk() {
    Command command = new Command(0, new byte[16], TaskAttribute.SIMPLE, 4096, 0);
    ByteBuf block = Unpooled.directBuffer(4096).writeZero(4095).writeByte(1);
    Execution execution = unit.writeSame(command, 0, unit.blocks(), false, 10);
    Execution.DataSink sink = ((Execution.ReceiveData) execution).sink();
    sink.write(0, block, 0, 4096, response -> {});
    block.release();
    sink.finish(4096, responses::add);
    return sink;
  }

  private void drain() {
    for (Runnable next = executor.poll(); next != null; next = executor.poll()) {
      next.run();
    }
  }

  @Test
  void itGivesTheEventLoopBackAndGoesOnElsewhere() {
    writeSameOfTheWholeDisk();
    assertThat(responses).isEmpty();
    assertThat(replica.allocatedUnits()).isLessThan(10);
    drain();
    assertThat(responses).containsExactly(Response.GOOD);
    assertThat(replica.allocatedUnits()).isEqualTo(UNITS);
  }

  @Test
  void itStopsSoonWhenItsCommandIsAborted() {
    Execution.DataSink sink = writeSameOfTheWholeDisk();
    sink.discard();
    drain();
    assertThat(responses).extracting(Response::status).containsExactly(ScsiStatus.TASK_ABORTED);
    assertThat(replica.allocatedUnits()).isLessThan(10);
    assertThat(unit.memory().take(64L << 20)).as("all memory is given back").isTrue();
  }
}
