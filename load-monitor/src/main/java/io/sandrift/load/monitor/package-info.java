/**
 * The load monitor itself: samples this server, tells the others, and keeps the view of them all.
 *
 * <p>Made, started and closed by the node; read on any thread. Runs on {@code load-monitor}, a
 * thread of its own. Imports the other packages of this module.
 */
@NullMarked
package io.sandrift.load.monitor;

import org.jspecify.annotations.NullMarked;
