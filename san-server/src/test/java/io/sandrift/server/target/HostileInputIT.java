package io.sandrift.server.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.internal.PlatformDependent;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.iscsi.pdu.TextRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers that mean no good, over real sockets. After each, the server serves a good initiator as
 * before.
 */
@Tag("S11")
@Timeout(120)
class HostileInputIT {

  private static final int MAX_LOGINS = 16;

  @TempDir Path directory;

  private final Random random = new Random(20261121);
  private TestTarget server;
  private InetSocketAddress portal;

  @BeforeEach
  void start() throws Exception {
    server =
        TestTarget.start(
            directory,
            new TargetLimits(64, 32, MAX_LOGINS, Duration.ofSeconds(2), 16L << 20),
            Duration.ofSeconds(60));
    portal = server.portal();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void randomBytesInPlaceOfALogin() throws Exception {
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[random.nextInt(4000)];
      random.nextBytes(bytes);
      sendAndClose(bytes);
    }
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void sessionsWhosePdusAreMutated() throws Exception {
    for (int i = 0; i < 300; i++) {
      byte[] login = bytes(login(i));
      byte[] rest =
          join(
              bytes(read(1, 8)),
              bytes(write(2, 4096)),
              bytes(dataOut(2)),
              bytes(text(3)),
              bytes(nop(4, 100)));
      int flips = 1 + random.nextInt(8);
      for (int flip = 0; flip < flips; flip++) {
        rest[random.nextInt(rest.length)] ^= (byte) (1 << random.nextInt(8));
      }
      sendAndClose(join(login, rest));
    }
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void dataOutThatNobodyAskedFor() throws Exception {
    byte[] login = bytes(login(1));
    byte[] stray = bytes(dataOut(77));
    byte[] flood = new byte[stray.length * 2000];
    for (int i = 0; i < 2000; i++) {
      System.arraycopy(stray, 0, flood, i * stray.length, stray.length);
    }
    sendAndClose(join(login, flood));
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void aPduLongerThanAgreedEndsItsConnection() throws Exception {
    byte[] header = bytes(nop(4, 0));
    header[5] = (byte) 0xff;
    header[6] = (byte) 0xff;
    header[7] = (byte) 0xff;
    try (Socket socket = connect()) {
      socket.getOutputStream().write(join(bytes(login(1)), header));
      assertThatItIsClosed(socket);
    }
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void aPeerThatAsksAndNeverReadsIsHeldUp() throws Exception {
    try (Socket socket = connect()) {
      socket.setSendBufferSize(64 * 1024);
      socket.getOutputStream().write(bytes(login(1)));
      byte[] ping = bytes(nop(4, 8000));
      Thread flood =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 50_000; i++) {
                    socket.getOutputStream().write(ping);
                  }
                } catch (IOException e) {
                  // Closed by the server, or by the end of the test.
                }
              });
      flood.setDaemon(true);
      flood.start();
      // 400 MB of pings; the server stops reading, or drops the peer, long before that.
      flood.join(3000);
      assertThatAGoodInitiatorIsServed();
      assertThat(PlatformDependent.usedDirectMemory()).isLessThan(200L << 20);
    }
  }

  @Test
  void connectionsThatNeverLogInAreClosedInTimeAndNeverTooMany() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_LOGINS + 10; i++) {
        idle.add(connect());
      }
      for (Socket socket : idle) {
        assertThatItIsClosed(socket);
      }
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void aLoginThatIsSentByteByByteIsCutOff() throws Exception {
    byte[] login = bytes(login(1));
    try (Socket socket = connect()) {
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      int sent = 0;
      while (System.nanoTime() < deadline && sent < login.length - 1) {
        try {
          socket.getOutputStream().write(login[sent++]);
        } catch (SocketException e) {
          break;
        }
        if (sent % 16 == 0 && isClosed(socket)) {
          break;
        }
      }
      assertThatItIsClosed(socket);
    }
    assertThatAGoodInitiatorIsServed();
  }

  @Test
  void sessionsThatAreAbandonedInTheMiddleLeaveNothingBehind() throws Exception {
    for (int i = 0; i < 100; i++) {
      sendAndClose(join(bytes(login(i)), bytes(write(2, 65536))));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> server.target().listSessions().isEmpty());
    assertThatAGoodInitiatorIsServed();
  }

  // ---- What the tests are made of.

  private void assertThatAGoodInitiatorIsServed() throws Exception {
    DeviceUrl url = server.url();
    ByteBuffer written = ByteBuffer.allocate(1 << 20);
    random.nextBytes(written.array());
    // The bad ones may still hold all places for unfinished logins; their time is 2 s.
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
                  BlockDevice device = initiator.open(url)) {
                device.write(1 << 20, written);
                ByteBuffer read = ByteBuffer.allocate(1 << 20);
                device.read(1 << 20, read);
                assertThat(read.array()).isEqualTo(written.array());
              }
            });
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(portal, 5000);
    socket.setSoTimeout(15_000);
    return socket;
  }

  private void sendAndClose(byte[] bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes);
      socket.setSoTimeout(5);
      socket.getInputStream().read(new byte[1000]);
    } catch (IOException e) {
      // Refused or closed: as it should be.
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(200);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  private static void assertThatItIsClosed(Socket socket) throws IOException {
    socket.setSoTimeout(15_000);
    try {
      byte[] buffer = new byte[8192];
      int count = 0;
      while (count >= 0) {
        count = socket.getInputStream().read(buffer);
      }
    } catch (SocketException e) {
      // Reset is closed too.
    }
  }

  private static LoginRequest login(int isid) {
    String text =
        "InitiatorName=iqn.2026-01.test:bad\0SessionType=Normal\0TargetName="
            + TestTarget.NAME
            + "\0";
    return new LoginRequest(
        true,
        false,
        LoginStage.LOGIN_OPERATIONAL_NEGOTIATION,
        LoginStage.FULL_FEATURE_PHASE,
        0,
        0,
        new Isid(isid),
        0,
        0,
        0,
        1,
        0,
        Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static ScsiCommand read(int tag, int blocks) {
    byte[] cdb = new byte[16];
    cdb[0] = 0x28;
    cdb[8] = (byte) blocks;
    return command(tag, cdb, true, false, blocks * 512, 1);
  }

  private static ScsiCommand write(int tag, int bytes) {
    byte[] cdb = new byte[16];
    cdb[0] = 0x2a;
    cdb[7] = (byte) (bytes / 512 >> 8);
    cdb[8] = (byte) (bytes / 512);
    return command(tag, cdb, false, true, bytes, 2);
  }

  private static ScsiCommand command(
      int tag, byte[] cdb, boolean read, boolean write, int length, int cmdSn) {
    return new ScsiCommand(
        false,
        true,
        read,
        write,
        ScsiCommand.Attribute.SIMPLE,
        0,
        tag,
        length,
        0,
        cmdSn,
        0,
        cdb,
        Unpooled.EMPTY_BUFFER);
  }

  private static DataOut dataOut(int tag) {
    return new DataOut(true, 0, tag, 1, 0, 0, 0, Unpooled.wrappedBuffer(new byte[4096]));
  }

  private static TextRequest text(int tag) {
    ByteBuf text = Unpooled.wrappedBuffer("SendTargets=\0".getBytes(StandardCharsets.US_ASCII));
    return new TextRequest(true, true, false, 0, tag, BasicHeader.RESERVED_TAG, 3, 0, text);
  }

  private static NopOut nop(int tag, int bytes) {
    return new NopOut(
        true, 0, tag, BasicHeader.RESERVED_TAG, 3, 0, Unpooled.wrappedBuffer(new byte[bytes]));
  }

  private static byte[] bytes(InitiatorPdu pdu) {
    ByteBuf out = Unpooled.buffer();
    new PduEncoder().encode(out, pdu);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteBuf all = Unpooled.buffer();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }
}
