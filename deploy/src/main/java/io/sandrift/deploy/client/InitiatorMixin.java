package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.client.jscsi.JscsiBlockDevice;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how the initiator behaves. */
final class InitiatorMixin {

  /** Which code talks to the target. */
  enum Engine {
    sandrift,
    jscsi
  }

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "sandrift",
      description = {
        "What talks to the target: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).",
        "jscsi has no CHAP, digests, flush or unmap."
      })
  private Engine engine = Engine.sandrift;

  @Option(
      names = "--initiator-name",
      paramLabel = "IQN",
      description = "Who to log in as (default iqn.2026-11.io.sandrift:client).")
  private @Nullable String initiatorName;

  @Option(
      names = "--chap-user",
      paramLabel = "NAME",
      description = "CHAP name; its secret is in --chap-secret-file or SANDRIFT_CHAP_SECRET.")
  private @Nullable String chapUser;

  @Option(
      names = "--chap-secret-file",
      paramLabel = "FILE",
      description = "File whose first line is the CHAP secret.")
  private @Nullable Path chapSecretFile;

  @Option(
      names = "--target-chap-user",
      paramLabel = "NAME",
      description = "The name that the target must prove (mutual CHAP).")
  private @Nullable String targetChapUser;

  @Option(
      names = "--target-chap-secret-file",
      paramLabel = "FILE",
      description = "File whose first line is the target's secret; or SANDRIFT_TARGET_CHAP_SECRET.")
  private @Nullable Path targetChapSecretFile;

  @Option(names = "--digests", description = "Insist on CRC32C digests of headers and data.")
  private boolean digests;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "The longest that one request may take (default ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 60;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** What the options come to. */
  InitiatorOptions options(int queueDepth) {
    try {
      InitiatorOptions options = InitiatorOptions.DEFAULT.withQueueDepth(queueDepth);
      if (initiatorName != null) {
        options = options.withInitiatorName(new IscsiName(initiatorName));
      }
      if (digests) {
        options =
            options.withParameters(
                options
                    .parameters()
                    .withDigests(
                        ParameterProposal.REQUIRE_DIGEST, ParameterProposal.REQUIRE_DIGEST));
      }
      if (timeoutSeconds < 1) {
        throw new IllegalArgumentException(
            "--timeout is " + timeoutSeconds + ", expected 1 or more seconds");
      }
      Duration timeout = Duration.ofSeconds(timeoutSeconds);
      options =
          options.withTimeouts(
              options.connectTimeout(),
              options.loginTimeout(),
              timeout,
              options.reconnectTimeout());
      return options.withChap(
          credentials(chapUser, chapSecretFile, "SANDRIFT_CHAP_SECRET"),
          credentials(targetChapUser, targetChapSecretFile, "SANDRIFT_TARGET_CHAP_SECRET"));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static @Nullable ChapCredentials credentials(
      @Nullable String user, @Nullable Path secretFile, String variable) {
    if (user == null) {
      if (secretFile != null) {
        throw new IllegalArgumentException(
            "a CHAP secret needs its CHAP name; give --chap-user or --target-chap-user");
      }
      return null;
    }
    String secret = System.getenv(variable);
    if (secretFile != null) {
      try {
        List<String> lines = Files.readAllLines(secretFile);
        secret = lines.isEmpty() ? "" : lines.get(0);
      } catch (NoSuchFileException e) {
        throw new IllegalArgumentException(
            "there is no file " + secretFile + " to read a secret from", e);
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "the secret in " + secretFile + " can't be read: " + e.getMessage(), e);
      }
    }
    if (secret == null) {
      throw new IllegalArgumentException(
          "the secret of '" + user + "' is missing; give its file, or set " + variable);
    }
    return new ChapCredentials(user, ChapSecret.of(secret));
  }

  /** Reads a device's URL as the user gave it. */
  DeviceUrl url(String text) {
    try {
      return DeviceUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Opens a device with the engine of the user's choice. */
  BlockDevice open(Initiator initiator, DeviceUrl url, InitiatorOptions options) {
    try {
      return engine == Engine.jscsi
          ? JscsiBlockDevice.open(initiator, url, options)
          : initiator.open(url);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.UNREACHABLE, url + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
