/**
 * The protocol data units of iSCSI: one record per PDU of RFC 7143 chapter 11, with its wire
 * offsets beside it.
 *
 * <p>Records carry what a PDU says and nothing else; lengths, digests and padding are the codec's.
 * A record that carries a data segment owns one reference to it. Used by the codec, the target and
 * the initiator, on any thread. Imports Netty's buffers only.
 */
@NullMarked
package io.sandrift.iscsi.pdu;

import org.jspecify.annotations.NullMarked;
