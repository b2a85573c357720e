package io.sandrift.server.distribution;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a server is being emptied of sessions, or is empty and kept so.
 *
 * @param by who asked for it; empty if that isn't known
 * @param emptied when it was seen to serve none any more; null while it serves some, or if it
 *     hasn't said yet
 */
public record Drain(Instant since, String by, @Nullable Instant emptied) {}
