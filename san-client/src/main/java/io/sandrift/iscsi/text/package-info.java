/**
 * What iSCSI says in text: {@code key=value} pairs, the keys and the rules by which two sides agree
 * on their values, names, addresses, and CHAP (RFC 7143 chapters 6, 12 and 13).
 *
 * <p>Pure: no sockets, no clock, no threads. Called by the initiator's and the target's login
 * phase, on the thread that owns their connection. Imports Netty's buffers only.
 */
@NullMarked
package io.sandrift.iscsi.text;

import org.jspecify.annotations.NullMarked;
