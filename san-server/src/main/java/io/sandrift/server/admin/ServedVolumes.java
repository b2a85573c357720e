package io.sandrift.server.admin;

import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import java.time.Duration;
import java.util.List;

/** What this server does with the catalog's volumes. Safe to call from any thread. */
public interface ServedVolumes {

  /** How this server serves the volume now. */
  Served served(VolumeId id);

  /**
   * Waits until initiators can mount the volume here at its present size.
   *
   * @return false if the time was over before
   */
  boolean awaitOnline(Volume volume, Duration timeout);

  /**
   * Waits until this server has forgotten the volume.
   *
   * @return false if the time was over before
   */
  boolean awaitGone(VolumeId id, Duration timeout);

  /**
   * @param online whether initiators can mount it here
   * @param urls where, one {@code iscsi://host:port/target/0} for each portal; empty unless online
   * @param allocatedBytes what its extents take here
   * @param sessions the normal sessions that are logged in to it here
   * @param localShare of those sessions' requests, the share that found their bytes here, 0 to 1
   */
  record Served(
      boolean online, List<String> urls, long allocatedBytes, int sessions, double localShare) {

    /** Of a volume that isn't served here. */
    public static final Served NOT = new Served(false, List.of(), 0, 0, 1);

    public Served {
      urls = List.copyOf(urls);
    }
  }
}
