package io.sandrift.server.scsi.sbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class MemoryBudgetTest {

  private static final int ATOMIC_BLOCKS = 2048;

  private final BlockUnit unit =
      new BlockUnit(
          new StripedDevice(new StripeLayout(1 << 20, 1), 64L << 20, new MemoryReplica(1 << 20)),
          new BlockLimits(512, 1 << 20),
          () -> ModeParameters.DEFAULT,
          Runnable::run);
  private final ByteBuf data = Unpooled.directBuffer(1 << 20).writeZero(1 << 20);
  private final List<Response> responses = new ArrayList<>();

  private Execution.DataSink atomicWrite() {
    Execution.ReceiveData receive =
        (Execution.ReceiveData) unit.writeAtomic(0, ATOMIC_BLOCKS, false);
    return receive.sink();
  }

  @Test
  void commandsThatHoldTheirDataAreBusyBeyondTheBudgetAndNotAfterwards() {
    List<Execution.DataSink> begun = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Execution.DataSink sink = atomicWrite();
      sink.write(0, data, 0, 1 << 20, responses::add);
      begun.add(sink);
    }
    assertThat(responses).containsOnly(Response.GOOD);

    responses.clear();
    atomicWrite().write(0, data, 0, 1 << 20, responses::add);
    assertThat(responses).extracting(Response::status).containsExactly(ScsiStatus.BUSY);

    responses.clear();
    begun.get(0).finish(1 << 20, responses::add);
    begun.get(1).discard();
    Execution.DataSink next = atomicWrite();
    next.write(0, data, 0, 1 << 20, responses::add);
    assertThat(responses).containsOnly(Response.GOOD);

    begun.subList(2, begun.size()).forEach(Execution.DataSink::discard);
    next.discard();
    assertThat(unit.memory().take(64L << 20)).isTrue();
    data.release();
  }
}
