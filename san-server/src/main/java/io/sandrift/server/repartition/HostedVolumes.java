package io.sandrift.server.repartition;

import io.sandrift.volume.catalog.VolumeId;
import java.util.List;
import java.util.Optional;

/** The volumes that are open at this server. Safe for all threads; doesn't block. */
public interface HostedVolumes {

  Optional<HostedVolume> hosted(VolumeId id);

  List<HostedVolume> allHosted();
}
