package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.SenseKey;
import java.nio.ByteBuffer;

/** What came back for a command: its end, and its data. */
public record Reply(Response response, byte[] data) {

  ScsiStatus status() {
    return response.status();
  }

  public ByteBuffer fields() {
    return ByteBuffer.wrap(data);
  }

  /** "GOOD", or another status, or "KEY CODE" for a check condition. */
  public String summary() {
    if (response.status() != ScsiStatus.CHECK_CONDITION) {
      return response.status().name();
    }
    byte[] sense = response.sense();
    boolean fixed = (sense[0] & 0x7f) == 0x70;
    int key = sense[fixed ? 2 : 1] & 0x0f;
    int code = sense[fixed ? 12 : 2] & 0xff;
    int qualifier = sense[fixed ? 13 : 3] & 0xff;
    return keyName(key) + " " + codeName(code, qualifier);
  }

  private static String keyName(int value) {
    for (SenseKey key : SenseKey.values()) {
      if (key.wireValue() == value) {
        return key.name();
      }
    }
    return "key " + value;
  }

  private static String codeName(int code, int qualifier) {
    for (AdditionalSense sense : AdditionalSense.values()) {
      if (sense.code() == code && sense.qualifier() == qualifier) {
        return sense.name();
      }
    }
    return code + "/" + qualifier;
  }
}
