/**
 * The dashboard: a page of plain HTML, CSS and ES modules that asks the admin API, kept as
 * resources beside this package and served by every server. Each section is a module; what varies
 * over time is drawn by uPlot, which is served from its own jar.
 *
 * <p>Called by the admin server, on its threads. Imports nothing.
 */
@NullMarked
package io.sandrift.volume.dashboard;

import org.jspecify.annotations.NullMarked;
