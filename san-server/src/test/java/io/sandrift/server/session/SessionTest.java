package io.sandrift.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataIn;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LogoutRequest;
import io.sandrift.iscsi.pdu.LogoutResponse;
import io.sandrift.iscsi.pdu.NopIn;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.ReadyToTransfer;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.iscsi.pdu.ScsiCommand.Attribute;
import io.sandrift.iscsi.pdu.ScsiResponse;
import io.sandrift.iscsi.pdu.TaskManagementRequest;
import io.sandrift.iscsi.pdu.TaskManagementResponse;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.SessionType;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.server.login.LoginOutcome;
import io.sandrift.server.login.TextPhase;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.NexusListener;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.ScsiStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class SessionTest {

  private static final int SEGMENT = 1024;
  private static final int MAX_BURST = 2048;
  private static final int FIRST_BURST = 1024;
  private static final int DEPTH = 4;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EmbeddedChannel wire =
      new EmbeddedChannel(new PduDecoder(PduDecoder.Sender.TARGET, 1 << 20));
  private final ScriptedDevice device = new ScriptedDevice();
  private final List<Pdu> taken = new ArrayList<>();
  private boolean hasEnded;
  private Session session = session(true, true, 2);

  @AfterEach
  void close() {
    session.close("the test is over");
    LateSource.completeAll();
    sent();
    taken.stream().filter(pdu -> pdu.data().refCnt() > 0).forEach(Pdu::release);
    channel.runPendingTasks();
    channel.finishAndReleaseAll();
    wire.finishAndReleaseAll();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  // ---- Reading.

  @Test
  void aReadEndsWithADataInThatCarriesItsStatus() {
    device.script = command -> pattern(512);
    receive(read(1, 512));
    DataIn dataIn = only(DataIn.class);
    assertThat(dataIn.last()).isTrue();
    assertThat(dataIn.hasStatus()).isTrue();
    assertThat(dataIn.status()).isZero();
    assertThat(dataIn.residual().count()).isZero();
    assertThat(bytes(dataIn)).isEqualTo(patternBytes(0, 512));
  }

  @Test
  void aLongReadIsCutIntoSegmentsAndSequences() {
    device.script = command -> pattern(5000);
    receive(read(1, 5000));
    List<Pdu> pdus = sent();
    assertThat(pdus).hasSize(5).allMatch(DataIn.class::isInstance);
    List<Long> offsets = new ArrayList<>();
    List<Boolean> ends = new ArrayList<>();
    for (int i = 0; i < pdus.size(); i++) {
      DataIn dataIn = (DataIn) pdus.get(i);
      assertThat(dataIn.dataSn()).isEqualTo(i);
      assertThat(dataIn.hasStatus()).isEqualTo(i == 4);
      offsets.add(dataIn.bufferOffset());
      ends.add(dataIn.last());
    }
    assertThat(offsets).containsExactly(0L, 1024L, 2048L, 3072L, 4096L);
    assertThat(ends).containsExactly(false, true, false, true, true);
  }

  @Test
  void aReadOfMoreThanTheInitiatorExpectsReportsTheOverflow() {
    device.script = command -> pattern(512);
    receive(read(1, 100));
    DataIn dataIn = only(DataIn.class);
    assertThat(bytes(dataIn)).hasSize(100);
    assertThat(dataIn.residual().overflow()).isTrue();
    assertThat(dataIn.residual().count()).isEqualTo(412);
  }

  @Test
  void aReadOfLessThanTheInitiatorExpectsReportsTheUnderflow() {
    device.script = command -> pattern(512);
    receive(read(1, 1000));
    DataIn dataIn = only(DataIn.class);
    assertThat(dataIn.residual().underflow()).isTrue();
    assertThat(dataIn.residual().count()).isEqualTo(488);
  }

  @Test
  void aReadWhoseDataComeLateIsAnsweredWhenTheyAreThere() {
    LateSource source = new LateSource();
    device.script = command -> new Execution.SendData(512, source);
    receive(read(1, 512), nop(2));
    assertThat(only(NopIn.class).initiatorTaskTag()).isEqualTo(2);
    source.complete(Response.GOOD);
    assertThat(bytes(only(DataIn.class))).isEqualTo(patternBytes(0, 512));
  }

  @Test
  void dataThatComeLateAreAskedForAhead() {
    LateSource source = lateRead(5000);
    assertThat(source.reads).hasSize(5);
    source.complete(Response.GOOD);
    assertThat(whole(sent())).isEqualTo(patternBytes(0, 5000));
  }

  @Test
  void dataThatComeBeforeTheirTurnWaitForIt() {
    LateSource source = lateRead(3000);
    source.completeLast(Response.GOOD);
    source.completeLast(Response.GOOD);
    assertThat(sent()).isEmpty();
    source.completeLast(Response.GOOD);
    assertThat(whole(sent())).isEqualTo(patternBytes(0, 3000));
  }

  @Test
  void dataThatAreThereBehindSomeThatAreNotWaitForThem() {
    LateSource late = new LateSource();
    Execution.DataSource source =
        (offset, destination, index, length, listener) -> {
          late.read(offset, destination, index, length, listener);
          if (offset > 0) {
            late.completeLast(Response.GOOD);
          }
        };
    device.script = command -> new Execution.SendData(3000, source);
    receive(read(1, 3000));
    assertThat(sent()).isEmpty();
    late.complete(Response.GOOD);
    assertThat(whole(sent())).isEqualTo(patternBytes(0, 3000));
  }

  @Test
  void aFailureIsToldInItsTurnAndWhatCameBehindItIsDropped() {
    LateSource source = lateRead(3000);
    source.completeLast(Response.GOOD);
    source.completeLast(new Response(ScsiStatus.BUSY, new byte[0]));
    assertThat(sent()).isEmpty();
    source.completeLast(Response.GOOD);
    List<Pdu> pdus = sent();
    assertThat(pdus).hasSize(2);
    assertThat(bytes(pdus.get(0))).isEqualTo(patternBytes(0, 1024));
    assertThat(((ScsiResponse) pdus.get(1)).status()).isEqualTo(ScsiStatus.BUSY.wireValue());
  }

  @Test
  void anAbortedReadDropsWhatCameBeforeItsTurn() {
    LateSource source = lateRead(3000);
    source.completeLast(Response.GOOD);
    receive(abortTask(2, 1));
    assertThat(sent()).isEmpty();
    source.complete(Response.GOOD);
    only(TaskManagementResponse.class);
  }

  @Test
  void aReadThatFailsEndsWithItsSenseData() {
    Response failure = new Response(ScsiStatus.CHECK_CONDITION, new byte[] {0x70, 0, 3});
    device.script =
        command -> new Execution.SendData(512, (o, d, i, l, listener) -> listener.done(failure));
    receive(read(1, 512));
    ScsiResponse response = only(ScsiResponse.class);
    assertThat(response.status()).isEqualTo(2);
    assertThat(bytes(response)).containsExactly(0, 3, 0x70, 0, 3);
  }

  @Test
  void aReadOfNothingBehindOneThatTheChannelHeldUpIsAnsweredOnce() {
    device.script = command -> pattern(512);
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    receive(read(1, 512, nextCmdSn++, Attribute.ORDERED), read(2, 0));
    assertThat(sent()).isEmpty();
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    session.writable();
    assertThat(sent())
        .satisfiesExactly(
            pdu -> assertThat(((DataIn) pdu).initiatorTaskTag()).isEqualTo(1),
            pdu -> assertThat(((ScsiResponse) pdu).initiatorTaskTag()).isEqualTo(2));
  }

  // ---- Writing.

  @Test
  void aWriteWhoseDataAreAllImmediateNeedsNoR2T() {
    Collector sink = new Collector();
    device.script = command -> new Execution.ReceiveData(1000, sink);
    receive(write(1, 1000, true, 0, 1000));
    assertThat(only(ScsiResponse.class).status()).isZero();
    assertThat(sink.bytes()).isEqualTo(patternBytes(0, 1000));
  }

  @Test
  void aWriteAsksForTheRestWithAsManyR2TsAsWereAgreed() {
    Collector sink = new Collector();
    device.script = command -> new Execution.ReceiveData(7000, sink);
    receive(write(1, 7000, true, 0, 500));
    List<Pdu> pdus = sent();
    assertThat(pdus).hasSize(2);
    ReadyToTransfer first = (ReadyToTransfer) pdus.get(0);
    ReadyToTransfer second = (ReadyToTransfer) pdus.get(1);
    assertThat(first.bufferOffset()).isEqualTo(500);
    assertThat(first.desiredLength()).isEqualTo(MAX_BURST);
    assertThat(second.bufferOffset()).isEqualTo(500 + MAX_BURST);

    receive(dataOut(1, first.targetTransferTag(), 0, 500, MAX_BURST, true));
    ReadyToTransfer third = only(ReadyToTransfer.class);
    receive(dataOut(1, second.targetTransferTag(), 0, 500 + MAX_BURST, MAX_BURST, true));
    ReadyToTransfer fourth = only(ReadyToTransfer.class);
    assertThat(fourth.desiredLength()).isEqualTo(7000 - 500 - 3 * MAX_BURST);
    receive(dataOut(1, third.targetTransferTag(), 0, (int) third.bufferOffset(), MAX_BURST, true));
    receive(dataOut(1, fourth.targetTransferTag(), 0, (int) fourth.bufferOffset(), 356, true));
    assertThat(only(ScsiResponse.class).status()).isZero();
    assertThat(sink.bytes()).isEqualTo(patternBytes(0, 7000));
  }

  @Test
  void unsolicitedDataAreTakenUpToTheFirstBurst() {
    session = session(false, true, 1);
    Collector sink = new Collector();
    device.script = command -> new Execution.ReceiveData(1024, sink);
    receive(
        write(1, 1024, false, 0, 200),
        dataOut(1, BasicHeader.RESERVED_TAG, 0, 200, 400, false),
        dataOut(1, BasicHeader.RESERVED_TAG, 1, 600, 424, true));
    assertThat(only(ScsiResponse.class).status()).isZero();
    assertThat(sink.bytes()).isEqualTo(patternBytes(0, 1024));
  }

  @Test
  void unsolicitedDataThatWereNotAgreedOnEndTheCommand() {
    device.script = command -> new Execution.ReceiveData(1024, new Collector());
    receive(write(1, 1024, true, 0, 0));
    only(ReadyToTransfer.class);
    receive(dataOut(1, BasicHeader.RESERVED_TAG, 0, 0, 1024, true));
    assertSense(only(ScsiResponse.class), 0x0b, 0x0c, 0x0c);
  }

  @Test
  void immediateDataThatWereNotAgreedOnEndTheCommand() {
    session = session(true, false, 1);
    device.script = command -> new Execution.ReceiveData(512, new Collector());
    receive(write(1, 512, true, 0, 512));
    assertSense(only(ScsiResponse.class), 0x0b, 0x0c, 0x0c);
  }

  @Test
  void dataOutAtAWrongOffsetEndTheCommandAndWriteNothing() {
    assertThatDataOutIsRefused(r2t -> dataOut(1, r2t.targetTransferTag(), 0, 512, 512, true));
  }

  @Test
  void dataOutWithAWrongDataSnEndTheCommand() {
    assertThatDataOutIsRefused(r2t -> dataOut(1, r2t.targetTransferTag(), 7, 0, 1024, true));
  }

  @Test
  void dataOutBeyondWhatWasAskedForEndTheCommand() {
    assertThatDataOutIsRefused(r2t -> dataOut(1, r2t.targetTransferTag(), 0, 0, 1025, true));
  }

  @Test
  void aSequenceThatEndsTooEarlyEndsTheCommand() {
    assertThatDataOutIsRefused(r2t -> dataOut(1, r2t.targetTransferTag(), 0, 0, 512, true));
  }

  @Test
  void dataOutWithATagThatNoR2THadEndTheCommand() {
    assertThatDataOutIsRefused(r2t -> dataOut(1, r2t.targetTransferTag() + 1, 0, 0, 1024, true));
  }

  private void assertThatDataOutIsRefused(Function<ReadyToTransfer, DataOut> wrong) {
    Collector sink = new Collector();
    device.script = command -> new Execution.ReceiveData(1024, sink);
    receive(write(1, 1024, true, 0, 0));
    receive(wrong.apply(only(ReadyToTransfer.class)));
    assertSense(only(ScsiResponse.class), 0x0b, 0x0c, 0x0d);
    assertThat(sink.bytes()).isEmpty();
    assertThat(sink.isDiscarded).isTrue();
  }

  @Test
  void dataOfACommandThatIsOverArePassedOver() {
    receive(dataOut(99, 5, 0, 0, 512, true), nop(2));
    assertThat(only(NopIn.class).initiatorTaskTag()).isEqualTo(2);
  }

  // ---- Order.

  @Test
  void aCommandOutsideOfTheWindowIsIgnored() {
    device.script = command -> pattern(1);
    receive(read(1, 1, DEPTH + 1, Attribute.SIMPLE));
    assertThat(sent()).isEmpty();
    assertThat(device.commands).isEmpty();
  }

  @Test
  void aCommandAheadOfItsTurnWaitsForTheMissingOne() {
    device.script = command -> pattern(1);
    receive(read(2, 1, 2, Attribute.SIMPLE));
    assertThat(sent()).isEmpty();
    receive(read(1, 1, 1, Attribute.SIMPLE));
    List<Pdu> pdus = sent();
    assertThat(pdus).extracting(Pdu::initiatorTaskTag).containsExactly(1, 2);
  }

  @Test
  void theWindowClosesWhileCommandsAreUnderWay() {
    LateSource source = new LateSource();
    device.script = command -> new Execution.SendData(1, source);
    for (int i = 1; i <= DEPTH; i++) {
      receive(read(i, 1));
    }
    receive(nop(9));
    NopIn nopIn = only(NopIn.class);
    assertThat(nopIn.maxCmdSn()).isEqualTo(nopIn.expCmdSn() - 1);
  }

  @Test
  void anOrderedCommandWaitsForAllBeforeItAndHoldsUpAllBehindIt() {
    LateSource first = new LateSource();
    LateSource ordered = new LateSource();
    device.script =
        command -> new Execution.SendData(1, device.commands.size() == 1 ? first : ordered);
    receive(
        read(1, 1, 1, Attribute.SIMPLE),
        read(2, 1, 2, Attribute.ORDERED),
        read(3, 1, 3, Attribute.SIMPLE));
    assertThat(device.commands).hasSize(1);
    first.complete(Response.GOOD);
    assertThat(device.commands).hasSize(2);
    device.script = command -> pattern(1);
    ordered.complete(Response.GOOD);
    List<Pdu> pdus = sent();
    assertThat(pdus).extracting(Pdu::initiatorTaskTag).containsExactly(1, 2, 3);
  }

  @Test
  void aHeadOfQueueCommandWaitsForNobody() {
    LateSource late = new LateSource();
    device.script = command -> new Execution.SendData(1, late);
    receive(read(1, 1, 1, Attribute.ORDERED), read(2, 1, 2, Attribute.SIMPLE));
    device.script = command -> pattern(1);
    receive(read(3, 1, 3, Attribute.HEAD_OF_QUEUE));
    assertThat(only(DataIn.class).initiatorTaskTag()).isEqualTo(3);
  }

  @Test
  void aTagThatIsInUseIsRejected() {
    device.script = command -> new Execution.SendData(1, new LateSource());
    receive(read(1, 1));
    receive(read(1, 1));
    Reject reject = only(Reject.class);
    assertThat(reject.reason()).isEqualTo(Reject.TASK_IN_PROGRESS);
  }

  // ---- Task management.

  @Test
  void abortTaskIsAnsweredWhenTheTasksInputAndOutputHaveEnded() {
    LateSource late = lateRead(512);
    receive(abortTask(2, 1));
    assertThat(sent()).isEmpty();
    late.complete(Response.GOOD);
    assertThat(only(TaskManagementResponse.class).response())
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
  }

  @Test
  void abortTaskSaysWhenThereIsNoSuchTask() {
    receive(abortTask(2, 77));
    assertThat(only(TaskManagementResponse.class).response())
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST);
  }

  @Test
  void anAbortedWriteIsNeverFinished() {
    Collector sink = new Collector();
    device.script = command -> new Execution.ReceiveData(1024, sink);
    receive(write(1, 1024, true, 0, 0));
    only(ReadyToTransfer.class);
    receive(abortTask(2, 1));
    only(TaskManagementResponse.class);
    assertThat(sink.isDiscarded).isTrue();
    assertThat(sink.isFinished).isFalse();
  }

  @Test
  void aResetThatOtherServersDoNotHearOfIsRejected() {
    device.isCutOff = true;
    receive(
        new TaskManagementRequest(
            true, TaskManagementRequest.LOGICAL_UNIT_RESET, 0, 9, -1, 1, 0, 0, 0));
    assertThat(only(TaskManagementResponse.class).response())
        .isEqualTo(TaskManagementResponse.FUNCTION_REJECTED);
  }

  @Test
  void aResetByAnotherNexusEndsTheTasks() {
    LateSource late = lateRead(512);
    CompletableFuture<Void> quiet = device.listener.abortTasks();
    channel.runPendingTasks();
    assertThat(quiet).as("the read is still under way").isNotDone();
    late.complete(Response.GOOD);
    channel.runPendingTasks();
    assertThat(quiet).isCompleted();
    assertThat(sent()).isEmpty();
  }

  @Test
  void aResetEndsTheTasksBeforeItAndNoneThatComeAfterIt() {
    LateSource before = new LateSource();
    LateSource after = new LateSource();
    device.script =
        command -> new Execution.SendData(1, device.commands.size() == 1 ? before : after);
    receive(
        read(1, 1),
        new TaskManagementRequest(
            true, TaskManagementRequest.LOGICAL_UNIT_RESET, 0, 9, -1, 1, 0, 0, 0),
        read(2, 1));
    assertThat(sent()).as("the reset waits for the I/O of what it ended").isEmpty();
    before.complete(Response.GOOD);
    assertThat(only(TaskManagementResponse.class).response())
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
    after.complete(Response.GOOD);
    assertThat(only(DataIn.class).initiatorTaskTag()).isEqualTo(2);
  }

  // ---- The rest.

  @Test
  void aNopOutIsAnsweredWithItsData() {
    receive(
        new NopOut(
            true,
            0,
            5,
            BasicHeader.RESERVED_TAG,
            1,
            0,
            Unpooled.wrappedBuffer(patternBytes(0, 33))));
    assertThat(bytes(only(NopIn.class))).isEqualTo(patternBytes(0, 33));
  }

  @Test
  void aLogoutIsAnsweredAndTheConnectionClosed() {
    receive(new LogoutRequest(true, LogoutRequest.CLOSE_SESSION, 5, 0, 1, 0));
    assertThat(only(LogoutResponse.class).response()).isEqualTo(LogoutResponse.CLOSED);
    assertThat(channel.isOpen()).isFalse();
    assertThat(hasEnded).isTrue();
  }

  @Test
  void aLogoutOfAnotherConnectionIsRefused() {
    receive(new LogoutRequest(true, LogoutRequest.CLOSE_CONNECTION, 5, 17, 1, 0));
    assertThat(only(LogoutResponse.class).response()).isEqualTo(LogoutResponse.CID_NOT_FOUND);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void aLostConnectionEndsTheSessionOnlyWhenItsInputAndOutputHaveEnded() {
    LateSource late = lateRead(512);
    session.close("the connection was lost");
    assertThat(session.whenEnded()).isNotDone();
    late.complete(Response.GOOD);
    assertThat(session.whenEnded()).isDone();
    assertThat(device.isClosed).isTrue();
  }

  // ---- What the tests are made of.

  private Session session(boolean initialR2T, boolean immediateData, int maxOutstandingR2T) {
    channel.config().setAllocator(allocator);
    SessionParameters parameters =
        new SessionParameters(
            false,
            false,
            262144,
            SEGMENT,
            MAX_BURST,
            FIRST_BURST,
            initialR2T,
            immediateData,
            maxOutstandingR2T,
            0,
            0,
            true,
            true,
            0,
            1,
            1,
            "RFC3720",
            1);
    SessionIdentity identity =
        new SessionIdentity(
            "iqn.2026-01.test:initiator", new Isid(1), "iqn.2026-01.test:target", 1, 1, 0);
    SessionLimits limits =
        new SessionLimits(DEPTH, 2, Duration.ofSeconds(60), Duration.ofSeconds(30));
    LoginOutcome outcome =
        new LoginOutcome(
            SessionType.NORMAL,
            new IscsiName("iqn.2026-01.test:initiator"),
            null,
            new IscsiName("iqn.2026-01.test:target"),
            new Isid(1),
            0,
            0,
            parameters,
            1,
            1);
    Session created =
        new Session(
            identity,
            parameters,
            limits,
            new DataInFlight(1 << 20),
            channel,
            new TextPhase(outcome, initiator -> List.of(), TextLimits.DEFAULT),
            1,
            1,
            new SessionOwner() {
              @Override
              public void ended(Session session) {
                hasEnded = true;
              }

              @Override
              public void targetReset(Session cause, boolean isCold) {}
            });
    created.attach(device);
    return created;
  }

  private void receive(io.sandrift.iscsi.pdu.InitiatorPdu... pdus) {
    session.beginTurn();
    for (io.sandrift.iscsi.pdu.InitiatorPdu pdu : pdus) {
      session.receive(pdu);
    }
    session.endTurn();
    channel.runPendingTasks();
  }

  private List<Pdu> sent() {
    channel.runPendingTasks();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      wire.writeInbound(out);
    }
    List<Pdu> pdus = new ArrayList<>();
    for (Pdu pdu = wire.readInbound(); pdu != null; pdu = wire.readInbound()) {
      pdus.add(pdu);
      taken.add(pdu);
    }
    return pdus;
  }

  private <T extends Pdu> T only(Class<T> type) {
    List<Pdu> pdus = sent();
    assertThat(pdus).hasSize(1);
    assertThat(pdus.get(0)).isInstanceOf(type);
    return type.cast(pdus.get(0));
  }

  private static byte[] bytes(Pdu pdu) {
    byte[] bytes = new byte[pdu.data().readableBytes()];
    pdu.data().getBytes(pdu.data().readerIndex(), bytes);
    return bytes;
  }

  /** The data of a read, whose Data-Ins must be in order. */
  private static byte[] whole(List<Pdu> pdus) {
    ByteBuf whole = Unpooled.buffer();
    for (int i = 0; i < pdus.size(); i++) {
      DataIn dataIn = (DataIn) pdus.get(i);
      assertThat(dataIn.dataSn()).isEqualTo(i);
      assertThat(dataIn.bufferOffset()).isEqualTo(whole.writerIndex());
      assertThat(dataIn.hasStatus()).isEqualTo(i == pdus.size() - 1);
      whole.writeBytes(dataIn.data());
    }
    return ByteBufUtil.getBytes(whole);
  }

  private static void assertSense(ScsiResponse response, int key, int code, int qualifier) {
    byte[] data = bytes(response);
    assertThat(response.status()).isEqualTo(2);
    assertThat(data[2 + 2]).isEqualTo((byte) key);
    assertThat(data[2 + 12]).isEqualTo((byte) code);
    assertThat(data[2 + 13]).isEqualTo((byte) qualifier);
  }

  private int nextCmdSn = 1;

  private ScsiCommand read(int tag, int length) {
    return read(tag, length, nextCmdSn++, Attribute.SIMPLE);
  }

  /** Has a read of so many bytes begin, whose data come when the test says so. */
  private LateSource lateRead(int length) {
    LateSource source = new LateSource();
    device.script = command -> new Execution.SendData(length, source);
    receive(read(1, length));
    return source;
  }

  private static ScsiCommand read(int tag, int length, int cmdSn, Attribute attribute) {
    return new ScsiCommand(
        false,
        true,
        true,
        false,
        attribute,
        0,
        tag,
        length,
        0,
        cmdSn,
        0,
        new byte[16],
        Unpooled.EMPTY_BUFFER);
  }

  private ScsiCommand write(int tag, int length, boolean last, int offset, int immediate) {
    return new ScsiCommand(
        false,
        last,
        false,
        true,
        Attribute.SIMPLE,
        0,
        tag,
        length,
        0,
        nextCmdSn++,
        0,
        new byte[16],
        Unpooled.wrappedBuffer(patternBytes(offset, immediate)));
  }

  private static DataOut dataOut(
      int tag, int transferTag, int dataSn, int offset, int length, boolean last) {
    return new DataOut(
        last,
        0,
        tag,
        transferTag,
        0,
        dataSn,
        offset,
        Unpooled.wrappedBuffer(patternBytes(offset, length)));
  }

  private static NopOut nop(int tag) {
    return new NopOut(true, 0, tag, BasicHeader.RESERVED_TAG, 1, 0, Unpooled.EMPTY_BUFFER);
  }

  private static TaskManagementRequest abortTask(int tag, int referenced) {
    return new TaskManagementRequest(
        true, TaskManagementRequest.ABORT_TASK, 0, tag, referenced, 1, 0, 1, 0);
  }

  private static Execution pattern(int length) {
    return new Execution.SendData(
        length,
        (offset, destination, index, count, listener) -> {
          destination.setBytes(index, patternBytes((int) offset, count));
          listener.done(Response.GOOD);
        });
  }

  private static byte[] patternBytes(int offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ((offset + i) * 31 + (offset + i) / 256);
    }
    return bytes;
  }

  /** Completes its reads when the test says so. */
  private static final class LateSource implements Execution.DataSource {

    private record Read(Runnable fill, ResponseListener listener) {}

    private static final List<LateSource> ALL = new ArrayList<>();

    private final List<Read> reads = new ArrayList<>();

    LateSource() {
      ALL.add(this);
    }

    /** Ends what no test has ended, as every I/O ends some time. */
    static void completeAll() {
      ALL.forEach(source -> source.complete(Response.GOOD));
      ALL.clear();
    }

    @Override
    public void read(
        long offset, ByteBuf destination, int index, int length, ResponseListener listener) {
      reads.add(
          new Read(
              () -> destination.setBytes(index, patternBytes((int) offset, length)), listener));
    }

    void completeLast(Response response) {
      Read last = reads.remove(reads.size() - 1);
      last.fill.run();
      last.listener.done(response);
    }

    void complete(Response response) {
      List<Read> ended = List.copyOf(reads);
      reads.clear();
      for (Read read : ended) {
        read.fill.run();
        read.listener.done(response);
      }
    }
  }

  /** Keeps what is written. */
  private static final class Collector implements Execution.DataSink {

    private final ByteBuf collected = Unpooled.buffer();
    private boolean isFinished;
    private boolean isDiscarded;

    @Override
    public void write(
        long offset, ByteBuf source, int index, int length, ResponseListener listener) {
      assertThat(offset).isEqualTo(collected.readableBytes());
      collected.writeBytes(source, index, length);
      listener.done(Response.GOOD);
    }

    @Override
    public void finish(long received, ResponseListener listener) {
      isFinished = true;
      listener.done(Response.GOOD);
    }

    @Override
    public void discard() {
      isDiscarded = true;
    }

    byte[] bytes() {
      byte[] bytes = new byte[collected.readableBytes()];
      collected.getBytes(0, bytes);
      return bytes;
    }
  }

  /** Does what the test says, and remembers what it was asked. */
  private static final class ScriptedDevice implements DeviceServer, Nexus {

    private final List<Command> commands = new ArrayList<>();
    private Function<Command, Execution> script = command -> pattern(0);
    private NexusListener listener = () -> CompletableFuture.completedFuture(null);
    private boolean isClosed;
    private boolean isCutOff;

    @Override
    public Nexus attach(NexusId id, NexusListener newListener) {
      listener = newListener;
      return this;
    }

    @Override
    public CompletableFuture<Boolean> reset(Nexus cause) {
      return CompletableFuture.completedFuture(!isCutOff);
    }

    @Override
    public NexusId id() {
      return new NexusId("iqn.2026-01.test:initiator,i,0x000000000001", 1);
    }

    @Override
    public Execution start(Command command) {
      commands.add(command);
      return script.apply(command);
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}
