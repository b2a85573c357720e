package io.sandrift.server.node;

import io.sandrift.server.access.AccessLists;
import io.sandrift.server.login.Authentication;
import io.sandrift.server.target.Target;
import io.sandrift.server.target.TargetGuard;
import io.sandrift.volume.catalog.VolumeId;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Guards targets by the access lists of their volumes. */
final class VolumeGuard implements TargetGuard {

  private final AccessLists lists;
  private final Function<String, Optional<VolumeId>> volumes;

  /**
   * @param volumes which volume a target's name stands for, if it is presented
   */
  VolumeGuard(AccessLists lists, Function<String, Optional<VolumeId>> volumes) {
    this.lists = lists;
    this.volumes = volumes;
  }

  @Override
  public boolean admits(Target target, String initiator, InetAddress from) {
    return volumes
        .apply(target.name())
        .map(volume -> lists.admits(volume, initiator, from))
        .orElse(false);
  }

  @Override
  public @Nullable Authentication authentication(Target target) {
    return volumes
        .apply(target.name())
        .map(volume -> lists.authentication(volume, target.authentication()))
        .orElse(null);
  }
}
