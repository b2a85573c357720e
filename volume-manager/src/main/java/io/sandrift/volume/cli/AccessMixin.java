package io.sandrift.volume.cli;

import picocli.CommandLine.Command;

/** What the commands of {@code sandrift access} share. */
@Command(
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    })
final class AccessMixin extends AdminMixin {}
