package io.sandrift.volume.cli;

import picocli.CommandLine.Command;

/** What the commands of {@code sandrift repartition} share. */
@Command(
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such plan",
      "4:the plan doesn't fit, is out of date, or is over; the message says which",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    })
final class RepartitionMixin extends AdminMixin {}
