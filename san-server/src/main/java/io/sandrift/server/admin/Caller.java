package io.sandrift.server.admin;

/**
 * Who sent a request.
 *
 * @param name the user, or {@code local} for somebody on this machine where nobody is asked
 * @param role what they may do
 * @param address where the request came from
 */
public record Caller(String name, Role role, String address) {}
