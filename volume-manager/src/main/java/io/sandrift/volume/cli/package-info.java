/**
 * The commands that administer volumes, {@code sandrift volume ...}, over the admin API; and what
 * other commands share with them: output formats, exit codes, and how a failure is told.
 *
 * <p>Called by the root command, on the program's main thread, in a process of its own that should
 * feel instant: it loads no more than it needs. Imports picocli, Jackson and the catalog's value
 * types.
 */
@NullMarked
package io.sandrift.volume.cli;

import org.jspecify.annotations.NullMarked;
