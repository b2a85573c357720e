package io.sandrift.server.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sandrift.iscsi.codec.PduDecoder;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LogoutRequest;
import io.sandrift.iscsi.pdu.LogoutResponse;
import io.sandrift.iscsi.pdu.TargetPdu;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.pdu.TextResponse;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** libiscsi logs in for discovery, to nothing but the login and text phases behind a socket. */
@Timeout(60)
class LibiscsiLoginIT {

  private static final Path ISCSI_LS = Path.of("/usr/bin/iscsi-ls");
  private static final String TARGET = "iqn.2026-11.io.sandrift:volume";

  private static final ChapCredentials ALICE =
      new ChapCredentials("alice", ChapSecret.of("secretofalice"));
  private static final ChapCredentials STORE =
      new ChapCredentials("store", ChapSecret.of("secretofthestore"));

  @TempDir private Path folder;

  private EventLoopGroup group;

  @BeforeEach
  void needsLibiscsi() {
    assumeTrue(
        Files.isExecutable(ISCSI_LS), "skipped: iscsi-ls is missing; apt-get install libiscsi-bin");
    group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (group != null) {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** Carries out just enough of a discovery session. */
  private static final class Portal extends SimpleChannelInboundHandler<InitiatorPdu> {

    private final PduEncoder encoder = new PduEncoder();
    private final LoginPhase login;
    private TextPhase text;
    private int statSn;

    Portal(TargetLookup lookup) {
      super(false);
      login = new LoginPhase(query -> lookup, LoginSettings.DEFAULT);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, InitiatorPdu pdu) {
      if (pdu instanceof LoginRequest request) {
        LoginStep step = login.receive(request);
        if (step instanceof LoginStep.Completed completed) {
          statSn = completed.outcome().nextStatSn();
          text = new TextPhase(completed.outcome(), initiator -> entries(), TextLimits.DEFAULT);
          send(ctx, completed.withTsih(1).response());
        } else {
          send(ctx, step.response());
        }
      } else if (pdu instanceof TextRequest request) {
        TextStep.Reply reply = (TextStep.Reply) text.receive(request);
        send(
            ctx,
            new TextResponse(
                reply.last(),
                reply.more(),
                0,
                request.initiatorTaskTag(),
                reply.targetTransferTag(),
                statSn++,
                expCmdSn(request.immediate(), request.cmdSn()),
                request.cmdSn() + 10,
                reply.data()));
      } else if (pdu instanceof LogoutRequest request) {
        send(
            ctx,
            new LogoutResponse(
                LogoutResponse.CLOSED,
                request.initiatorTaskTag(),
                statSn++,
                expCmdSn(request.immediate(), request.cmdSn()),
                request.cmdSn() + 10,
                0,
                0));
      }
    }

    private static int expCmdSn(boolean immediate, int cmdSn) {
      return immediate ? cmdSn : cmdSn + 1;
    }

    private static List<TargetDirectory.Entry> entries() {
      return List.of(
          new TargetDirectory.Entry(
              new IscsiName(TARGET), List.of(new TargetAddress("127.0.0.1", 3260, 1))));
    }

    private void send(ChannelHandlerContext ctx, TargetPdu pdu) {
      ByteBuf out = ctx.alloc().buffer();
      encoder.encode(out, pdu);
      pdu.release();
      ctx.writeAndFlush(out);
    }
  }

  private int portalOf(Authentication authentication) throws InterruptedException {
    TargetLookup lookup = new TargetLookup.Found(1, "", authentication);
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new PduDecoder(PduDecoder.Sender.INITIATOR, 262_144),
                            new Portal(lookup));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  private String iscsiLs(String url) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(ISCSI_LS.toString(), url)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("iscsi-ls ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  @Test
  void itFindsTheTargetsOfAnOpenPortal() throws Exception {
    int port = portalOf(Authentication.NOT_REQUIRED);
    assertThat(iscsiLs("iscsi://127.0.0.1:" + port)).contains("Target:" + TARGET);
  }

  @Test
  void itProvesItselfWithChap() throws Exception {
    int port = portalOf(new Authentication.Chap(ALICE, null));
    assertThat(iscsiLs("iscsi://alice%secretofalice@127.0.0.1:" + port))
        .contains("Target:" + TARGET);
  }

  @Test
  void itIsRefusedWithAWrongSecret() throws Exception {
    int port = portalOf(new Authentication.Chap(ALICE, null));
    assertThat(iscsiLs("iscsi://alice%secretofmallory@127.0.0.1:" + port))
        .doesNotContain("Target:" + TARGET)
        .containsIgnoringCase("authentication");
  }

  @Test
  void itBelievesATargetThatKnowsItsOwnSecret() throws Exception {
    int port = portalOf(new Authentication.Chap(ALICE, STORE));
    String mutual = "?target_user=store&target_password=secretofthestore";
    assertThat(iscsiLs("iscsi://alice%secretofalice@127.0.0.1:" + port + mutual))
        .contains("Target:" + TARGET);
  }

  @Test
  void itDoesNotBelieveATargetWithAnotherSecret() throws Exception {
    int port = portalOf(new Authentication.Chap(ALICE, STORE));
    String mutual = "?target_user=store&target_password=secretofanother";
    assertThat(iscsiLs("iscsi://alice%secretofalice@127.0.0.1:" + port + mutual))
        .doesNotContain("Target:" + TARGET);
  }
}
