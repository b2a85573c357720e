/**
 * A connection's login phase and its text exchanges, on the target's side (RFC 7143 chapters 6 and
 * 12, clauses 11.10 to 11.13), and the place where a login is redirected.
 *
 * <p>Pure state machines, without sockets, clocks or threads: the session layer hands them requests
 * and sends what they answer, on the connection's event loop, which owns them. Who may log in to
 * what, and where it lives, they ask through {@link io.sandrift.server.login.LoginEnvironment} and
 * {@link io.sandrift.server.login.TargetDirectory}. Imports the protocol (io.sandrift.iscsi) and
 * Netty's buffers.
 */
@NullMarked
package io.sandrift.server.login;

import org.jspecify.annotations.NullMarked;
