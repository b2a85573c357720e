/**
 * jSCSI 2.2 as a second engine of the client, within the bounds in which it is sound.
 *
 * <p>Chosen by the user; optional at run time. Each device has one thread of its own that calls
 * jSCSI. The only package that imports jSCSI.
 */
@NullMarked
package io.sandrift.client.jscsi;

import org.jspecify.annotations.NullMarked;
