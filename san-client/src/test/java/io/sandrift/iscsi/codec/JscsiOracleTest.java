package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.codec.PduDecoder.Sender;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.pdu.LogoutRequest;
import io.sandrift.iscsi.pdu.LogoutResponse;
import io.sandrift.iscsi.pdu.NopIn;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.ReadyToTransfer;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.iscsi.pdu.ScsiResponse;
import io.sandrift.iscsi.pdu.TargetPdu;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.pdu.TextResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.ProtocolDataUnit;
import org.jscsi.parser.ProtocolDataUnitFactory;
import org.jscsi.parser.data.DataOutParser;
import org.jscsi.parser.login.LoginRequestParser;
import org.jscsi.parser.login.LoginResponseParser;
import org.jscsi.parser.logout.LogoutRequestParser;
import org.jscsi.parser.logout.LogoutResponseParser;
import org.jscsi.parser.nop.NOPInParser;
import org.jscsi.parser.r2t.Ready2TransferParser;
import org.jscsi.parser.reject.RejectParser;
import org.jscsi.parser.scsi.SCSICommandDescriptorBlockParser;
import org.jscsi.parser.scsi.SCSICommandParser;
import org.jscsi.parser.scsi.SCSIResponseParser;
import org.jscsi.parser.scsi.SCSIStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * jSCSI's parser, written by others from the same standard, reads what we write and writes what we
 * read. Left out is what is known to be wrong in it: asynchronous messages, task management
 * functions, additional headers, residuals in Data-In, digests.
 */
class JscsiOracleTest {

  private static final int NONE = BasicHeader.RESERVED_TAG;
  private static final Isid ISID = new Isid(0x00023d000001L);
  private static final byte[] READ_10 = {0x28, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0};

  private static ByteBuf text(String pairs) {
    return Unpooled.copiedBuffer(pairs, StandardCharsets.UTF_8);
  }

  private static byte[] bytesOf(Pdu pdu) {
    ByteBuf out = Unpooled.buffer();
    new PduEncoder().encode(out, pdu);
    return ByteBufUtil.getBytes(out);
  }

  private static ProtocolDataUnit theirs(Pdu pdu) throws Exception {
    ProtocolDataUnit unit = new ProtocolDataUnitFactory().create("None", "None");
    unit.deserialize(ByteBuffer.wrap(bytesOf(pdu)));
    return unit;
  }

  private static <T> T parsed(Pdu pdu, Class<T> parser) throws Exception {
    return parser.cast(theirs(pdu).getBasicHeaderSegment().getParser());
  }

  /** What this side makes of their unit; looked at before it is let go. */
  private static void ours(ProtocolDataUnit unit, Sender sender, Consumer<Pdu> look)
      throws Exception {
    ByteBuffer bytes = unit.serialize();
    bytes.rewind();
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    try (DecodingChannel channel = new DecodingChannel(sender)) {
      channel.receive(array);
      look.accept(channel.onlyPdu());
    }
  }

  static Stream<Pdu> pdusOfBothSides() {
    return Stream.of(
        new LoginRequest(
            true,
            false,
            LoginStage.LOGIN_OPERATIONAL_NEGOTIATION,
            LoginStage.FULL_FEATURE_PHASE,
            0,
            0,
            ISID,
            0,
            5,
            7,
            11,
            0,
            text("InitiatorName=iqn.1994-05.com.example:host\0")),
        new LoginResponse(
            true,
            false,
            LoginStage.LOGIN_OPERATIONAL_NEGOTIATION,
            LoginStage.FULL_FEATURE_PHASE,
            ISID,
            0x7fff,
            5,
            9,
            11,
            12,
            LoginStatus.SUCCESS,
            text("MaxRecvDataSegmentLength=65536\0")),
        new ScsiCommand(
            false,
            true,
            true,
            false,
            ScsiCommand.Attribute.SIMPLE,
            1L << 48,
            6,
            4096,
            0,
            12,
            10,
            READ_10,
            Unpooled.EMPTY_BUFFER),
        new ScsiResponse(0, 2, 6, 10, 13, 20, 0, Residual.of(4096, 0), text("\0\2ab")),
        new DataOut(true, 0, 6, 77, 10, 3, 8192, text("12345678")),
        new ReadyToTransfer(0, 6, 77, 10, 13, 20, 1, 8192, 65536),
        new NopOut(true, 0, 6, NONE, 13, 10, text("ping")),
        new NopIn(0, 6, NONE, 10, 13, 20, text("ping")),
        new TextRequest(false, true, false, 0, 6, NONE, 13, 10, text("SendTargets=All\0")),
        new TextResponse(true, false, 0, 6, NONE, 10, 13, 20, text("TargetName=iqn.2026-11.a:b\0")),
        new LogoutRequest(true, LogoutRequest.CLOSE_SESSION, 6, 0, 13, 10),
        new LogoutResponse(LogoutResponse.CLOSED, 6, 10, 13, 20, 2, 20),
        new Reject(Reject.INVALID_PDU_FIELD, 10, 13, 20, 0, Unpooled.wrappedBuffer(new byte[48])));
  }

  @ParameterizedTest
  @MethodSource("pdusOfBothSides")
  void whatWeWriteTheyWriteAgain(Pdu pdu) throws Exception {
    Sender sender = pdu instanceof TargetPdu ? Sender.TARGET : Sender.INITIATOR;
    ours(theirs(pdu), sender, read -> AnyPdu.assertSame(pdu, read));
  }

  private static Pdu first(Class<? extends Pdu> type) {
    return pdusOfBothSides().filter(type::isInstance).findFirst().orElseThrow();
  }

  @Test
  void theyReadOurLoginRequest() throws Exception {
    LoginRequestParser parser = parsed(first(LoginRequest.class), LoginRequestParser.class);
    assertThat(parser.getInitiatorSessionID().serialize() >>> 16).isEqualTo(ISID.value());
    assertThat(parser.getConnectionID()).isEqualTo(7);
    assertThat(parser.getCommandSequenceNumber()).isEqualTo(11);
    assertThat(parser.getNextStageNumber())
        .isEqualTo(org.jscsi.parser.login.LoginStage.FULL_FEATURE_PHASE);
  }

  @Test
  void theyReadOurLoginResponse() throws Exception {
    LoginResponseParser parser = parsed(first(LoginResponse.class), LoginResponseParser.class);
    assertThat(parser.getTargetSessionIdentifyingHandle()).isEqualTo((short) 0x7fff);
    assertThat(parser.getStatusSequenceNumber()).isEqualTo(9);
    assertThat(parser.getStatus()).isEqualTo(org.jscsi.parser.login.LoginStatus.SUCCESS);
  }

  @Test
  void theyReadOurCommand() throws Exception {
    SCSICommandParser parser = parsed(first(ScsiCommand.class), SCSICommandParser.class);
    assertThat(parser.isReadExpectedFlag()).isTrue();
    assertThat(parser.isWriteExpectedFlag()).isFalse();
    assertThat(parser.getExpectedDataTransferLength()).isEqualTo(4096);
    assertThat(parser.getCDB()).isEqualTo(ByteBuffer.wrap(READ_10));
  }

  @Test
  void theyReadOurResponse() throws Exception {
    SCSIResponseParser parser = parsed(first(ScsiResponse.class), SCSIResponseParser.class);
    assertThat(parser.getStatus()).isEqualTo(SCSIStatus.CHECK_CONDITION);
    assertThat(parser.isResidualUnderflow()).isTrue();
    assertThat(parser.getResidualCount()).isEqualTo(4096);
  }

  @Test
  void theyReadOurDataOut() throws Exception {
    DataOutParser parser = parsed(first(DataOut.class), DataOutParser.class);
    assertThat(parser.getBufferOffset()).isEqualTo(8192);
    assertThat(parser.getDataSequenceNumber()).isEqualTo(3);
    assertThat(parser.getTargetTransferTag()).isEqualTo(77);
  }

  @Test
  void theyReadOurR2T() throws Exception {
    Ready2TransferParser parser = parsed(first(ReadyToTransfer.class), Ready2TransferParser.class);
    assertThat(parser.getDesiredDataTransferLength()).isEqualTo(65536);
    assertThat(parser.getReady2TransferSequenceNumber()).isEqualTo(1);
  }

  @Test
  void theyReadOurNopIn() throws Exception {
    assertThat(parsed(first(NopIn.class), NOPInParser.class).getTargetTransferTag()).isEqualTo(-1);
  }

  @Test
  void theyReadOurLogout() throws Exception {
    LogoutResponseParser parser = parsed(first(LogoutResponse.class), LogoutResponseParser.class);
    assertThat(parser.getTime2Wait()).isEqualTo((short) 2);
    assertThat(parser.getTime2Retain()).isEqualTo((short) 20);
  }

  @Test
  void theyReadOurReject() throws Exception {
    assertThat(parsed(first(Reject.class), RejectParser.class).getReasonCode())
        .isEqualTo(RejectParser.ReasonCode.INVALID_PDU_FIELD);
  }

  @Test
  void weReadTheirWriteCommand() throws Exception {
    ProtocolDataUnit unit =
        new ProtocolDataUnitFactory()
            .create(false, true, OperationCode.SCSI_COMMAND, "None", "None");
    unit.getBasicHeaderSegment().setInitiatorTaskTag(42);
    SCSICommandParser parser = (SCSICommandParser) unit.getBasicHeaderSegment().getParser();
    parser.setWriteExpectedFlag(true);
    parser.setTaskAttributes(SCSICommandParser.TaskAttributes.ORDERED);
    parser.setExpectedDataTransferLength(8192);
    parser.setCommandSequenceNumber(3);
    parser.setExpectedStatusSequenceNumber(4);
    parser.setCommandDescriptorBlock(
        SCSICommandDescriptorBlockParser.createWriteMessage(0x12345, (short) 16));
    ours(unit, Sender.INITIATOR, pdu -> assertTheirWriteCommand((ScsiCommand) pdu));
  }

  private static void assertTheirWriteCommand(ScsiCommand command) {
    assertThat(command.write()).isTrue();
    assertThat(command.attribute()).isEqualTo(ScsiCommand.Attribute.ORDERED);
    assertThat(command.initiatorTaskTag()).isEqualTo(42);
    assertThat(command.expectedDataTransferLength()).isEqualTo(8192);
    assertThat(command.cmdSn()).isEqualTo(3);
    assertThat(command.expStatSn()).isEqualTo(4);
    assertThat(command.cdb()).startsWith(0x2a, 0, 0, 1, 0x23, 0x45);
  }

  @Test
  void weReadTheirLogout() throws Exception {
    ProtocolDataUnit unit =
        new ProtocolDataUnitFactory()
            .create(true, true, OperationCode.LOGOUT_REQUEST, "None", "None");
    LogoutRequestParser parser = (LogoutRequestParser) unit.getBasicHeaderSegment().getParser();
    parser.setReasonCode(LogoutRequestParser.LogoutReasonCode.CLOSE_CONNECTION);
    parser.setConnectionID((short) 9);
    ours(
        unit,
        Sender.INITIATOR,
        pdu -> {
          LogoutRequest logout = (LogoutRequest) pdu;
          assertThat(logout.reason()).isEqualTo(LogoutRequest.CLOSE_CONNECTION);
          assertThat(logout.connectionId()).isEqualTo(9);
          assertThat(logout.immediate()).isTrue();
        });
  }
}
