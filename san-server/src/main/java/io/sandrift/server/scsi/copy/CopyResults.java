package io.sandrift.server.scsi.copy;

import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.NexusId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How the copies of one disk went, kept per nexus and list identifier: the last few, for RECEIVE
 * COPY RESULTS. Guards itself.
 */
public final class CopyResults {

  private static final int KEPT = 256;

  private static final int IN_PROGRESS = 0x00;
  private static final int COMPLETED = 0x01;
  private static final int COMPLETED_WITH_ERRORS = 0x02;

  private final Map<Key, Result> results =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Result> eldest) {
          return size() > KEPT;
        }
      };
  private int running;

  private record Key(NexusId nexus, int listId) {}

  private record Result(int status, int segments, long bytes) {}

  /** Counts a copy in; false if there are as many as may be. */
  synchronized boolean begin(NexusId nexus, CopyRequest request) {
    if (running == CopyLimits.MAX_CONCURRENT_COPIES) {
      return false;
    }
    running++;
    if (request.keepsResult()) {
      results.put(new Key(nexus, request.listId()), new Result(IN_PROGRESS, 0, 0));
    }
    return true;
  }

  /** Counts a copy out, and keeps how it went. */
  synchronized void end(
      NexusId nexus, CopyRequest request, boolean succeeded, int segments, long bytes) {
    running--;
    if (request.keepsResult()) {
      results.put(
          new Key(nexus, request.listId()),
          new Result(succeeded ? COMPLETED : COMPLETED_WITH_ERRORS, segments, bytes));
    }
  }

  /**
   * COPY STATUS (SPC-4, RECEIVE COPY STATUS(LID1)), or empty when nothing is known of such a list:
   * 0 available data, 4 status, 5 segments processed, 7 unit of the transfer count, 8 transfer
   * count.
   */
  public synchronized Optional<ParameterData> status(NexusId nexus, int listId) {
    Result result = results.get(new Key(nexus, listId));
    if (result == null) {
      return Optional.empty();
    }
    boolean inKibibytes = result.bytes() > 0xffff_ffffL;
    return Optional.of(
        new ParameterData()
            .u32(8)
            .u8(result.status())
            .u16(result.segments())
            .u8(inKibibytes ? 1 : 0)
            .u32(inKibibytes ? result.bytes() >> 10 : result.bytes()));
  }
}
