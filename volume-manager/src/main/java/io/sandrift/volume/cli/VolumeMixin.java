package io.sandrift.volume.cli;

import picocli.CommandLine.Command;

/** What commands about one volume share, those of {@code sandrift access} among them. */
@Command(
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    })
final class VolumeMixin extends AdminMixin {}
