package io.sandrift.server.distribution;

import org.jspecify.annotations.Nullable;

/**
 * The intake of a type of service, as one server's list has it.
 *
 * @param intake null while nobody is
 * @param isConfirmed whether the intake has said so itself
 */
public record IntakeInfo(
    String service, @Nullable String intake, long epoch, long sinceMillis, boolean isConfirmed) {}
