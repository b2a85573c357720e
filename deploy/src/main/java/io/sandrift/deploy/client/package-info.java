/**
 * {@code sandrift client}, and {@code sandrift volume import} and {@code export}: the initiator as
 * a program.
 *
 * <p>Called from the root command, on the main thread. Here and not in the client module, because
 * it shares sizes, tables and exit codes with the volume commands, and the client module depends on
 * no other. Imports the client, volume-manager's command parts and picocli.
 */
@NullMarked
package io.sandrift.deploy.client;

import org.jspecify.annotations.NullMarked;
