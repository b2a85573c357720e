/**
 * What an operator can set: every setting declared once, and the reading of them from a YAML file,
 * environment variables and flags, each stronger than the one before.
 *
 * <p>Called when a server starts, on the starting thread, and by {@code server --help-settings}.
 * Imports Jackson's YAML, the catalog's {@code ByteSize}, and the value types of the features that
 * are set.
 */
@NullMarked
package io.sandrift.server.settings;

import org.jspecify.annotations.NullMarked;
