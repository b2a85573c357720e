/**
 * Bytes to PDUs and back: framing, padding, digests.
 *
 * <p>A {@link io.sandrift.iscsi.codec.PduDecoder} stands in a connection's pipeline and is confined
 * to its event loop; a {@link io.sandrift.iscsi.codec.PduEncoder} belongs to whoever writes to that
 * connection. Neither knows what a PDU means. Imports the PDUs and Netty.
 */
@NullMarked
package io.sandrift.iscsi.codec;

import org.jspecify.annotations.NullMarked;
