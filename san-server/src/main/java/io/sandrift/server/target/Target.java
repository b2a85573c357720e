package io.sandrift.server.target;

import io.sandrift.server.login.Authentication;

/**
 * One iSCSI target: what an initiator logs in to.
 *
 * @param name its iSCSI name, in lower case, such as {@code iqn.2026-11.io.sandrift:demo}
 * @param alias what a person would call it
 * @param service the volume's type of service; decides by which policy clients are distributed
 * @param authentication what an initiator has to prove
 * @param opening lets a nexus begin
 */
public record Target(
    String name,
    String alias,
    String service,
    Authentication authentication,
    NexusOpening opening) {}
