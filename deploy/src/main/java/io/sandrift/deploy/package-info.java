/**
 * The program {@code sandrift}: its root command, the demo, and what the launcher starts.
 *
 * <p>Called by the launcher, on the process's main thread. May import every module's commands;
 * nothing imports it.
 */
@NullMarked
package io.sandrift.deploy;

import org.jspecify.annotations.NullMarked;
