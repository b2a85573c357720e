package io.sandrift.deploy.client;

import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.SizeConverter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of copying a whole volume. */
final class CopyOptions {

  @Option(names = "--verify", description = "Read both sides again afterwards, and compare.")
  private boolean verify;

  @Option(
      names = "--restart",
      description = "Begin anew, whatever an earlier run has copied already.")
  private boolean restart;

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "The most to copy each second (default: no limit).")
  private @Nullable ByteSize rate;

  @Option(
      names = "--checkpoint",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      converter = SizeConverter.class,
      description =
          "After how much to make it durable and note how far it is (default ${DEFAULT-VALUE}).")
  private ByteSize checkpoint = new ByteSize(256 << 20);

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "Where to note it (default: sandrift in the user's state directory).")
  private @Nullable Path stateDirectory;

  boolean isVerify() {
    return verify;
  }

  boolean isRestart() {
    return restart;
  }

  /** 0 for no limit. */
  long bytesPerSecond() {
    return rate == null ? 0 : rate.bytes();
  }

  long checkpointBytes() {
    return Math.max(ReadCommand.REQUEST_BYTES, checkpoint.bytes());
  }

  @Nullable Path stateDirectory() {
    return stateDirectory;
  }
}
