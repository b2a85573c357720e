package io.sandrift.server.measure;

import io.sandrift.server.store.StoreActivity;
import io.sandrift.server.store.StoreUsage;
import java.util.List;

/** What the sampler asks the server's other parts, once a window. Must not block. */
public interface MeasuredServer {

  /** The sessions that are here now, discovery sessions left out. */
  List<MeasuredSession> sessions();

  /** The partitions that this server owns and that have been used. */
  List<MeasuredResource> resources();

  StoreActivity storeActivity();

  StoreUsage storeUsage();
}
