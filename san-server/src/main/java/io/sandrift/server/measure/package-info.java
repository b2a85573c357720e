/**
 * What a server measures of itself: the declared metrics, counted with Dropwizard Metrics, the
 * samples that the load monitor takes of them, and their export to Prometheus and JMX.
 *
 * <p>Counting is done on the event loops and never waits; sampling on {@code load-monitor}, once a
 * window; exporting on the admin API's threads. Sessions, partitions and the store are seen through
 * small ports that the node connects. Imports load-monitor, and session and store for what they
 * count.
 */
@NullMarked
package io.sandrift.server.measure;

import org.jspecify.annotations.NullMarked;
