/**
 * Where a byte of a volume lies: byte → stripe unit → partition. Arithmetic alone: no state, no
 * I/O, any thread; imports nothing.
 */
@NullMarked
package io.sandrift.volume.stripe;

import org.jspecify.annotations.NullMarked;
