package io.sandrift.deploy.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceInfo;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.OutputOption;
import io.sandrift.volume.cli.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift client info}. */
@Command(
    name = "info",
    description = "Show what a device is, and on what terms the session talks to it.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ClientExit.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ClientExit.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift client info iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0"})
final class InfoCommand implements Runnable {

  @Parameters(paramLabel = "URL", description = "iscsi://host[:port][,host[:port]...]/target/lun")
  private String url = "";

  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    InitiatorOptions options = how.options(1);
    DeviceInfo info;
    try (Initiator initiator = new Initiator(options);
        BlockDevice device = how.open(initiator, how.url(url), options)) {
      info = device.info();
    }
    output.format().print(spec.commandLine().getOut(), json(info), () -> table(info));
  }

  private static ObjectNode json(DeviceInfo info) {
    SessionParameters terms = info.parameters();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("target", info.targetName())
            .put("portal", info.portal())
            .put("vendor", info.vendor())
            .put("product", info.product())
            .put("revision", info.revision())
            .put("serial", info.serial())
            .put("sizeBytes", info.sizeBytes())
            .put("blockBytes", info.blockBytes())
            .put("thin", info.thin())
            .put("maxTransferBytes", info.maxTransferBytes());
    node.putObject("session")
        .put("headerDigest", terms.headerDigest())
        .put("dataDigest", terms.dataDigest())
        .put("initialR2T", terms.initialR2T())
        .put("immediateData", terms.immediateData())
        .put("maxOutstandingR2T", terms.maxOutstandingR2T())
        .put("firstBurstLength", terms.firstBurstLength())
        .put("maxBurstLength", terms.maxBurstLength())
        .put("maxRecvDataSegmentLength", terms.maxRecvDataSegmentLength())
        .put("peerMaxRecvDataSegmentLength", terms.peerMaxRecvDataSegmentLength());
    return node;
  }

  private static TextTable table(DeviceInfo info) {
    SessionParameters terms = info.parameters();
    return TextTable.ofPairs()
        .row("Target", info.targetName())
        .row("Portal", info.portal())
        .row("Device", info.vendor() + " " + info.product() + " " + info.revision())
        .row("Serial number", info.serial())
        .row("Size", new ByteSize(info.sizeBytes()) + " (" + info.sizeBytes() + " bytes)")
        .row("Logical block", info.blockBytes() + " bytes")
        .row("Thin", info.thin() ? "yes" : "no")
        .row(
            "Longest command",
            info.maxTransferBytes() == 0
                ? "not said"
                : new ByteSize(info.maxTransferBytes()).toString())
        .row(
            "Digests",
            "header " + onOff(terms.headerDigest()) + ", data " + onOff(terms.dataDigest()))
        .row("Immediate data", terms.immediateData() ? "yes" : "no")
        .row(
            "Unsolicited data",
            terms.initialR2T() ? "no" : "up to " + new ByteSize(terms.firstBurstLength()))
        .row(
            "Burst",
            new ByteSize(terms.maxBurstLength())
                + ", "
                + terms.maxOutstandingR2T()
                + " R2Ts at a time")
        .row(
            "Data segments",
            new ByteSize(terms.maxRecvDataSegmentLength())
                + " in, "
                + new ByteSize(terms.peerMaxRecvDataSegmentLength())
                + " out");
  }

  private static String onOff(boolean on) {
    return on ? "CRC32C" : "none";
  }
}
