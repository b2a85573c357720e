package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.LoginStatus;

/**
 * Why a login fails.
 *
 * @param reason for the log: what came and what was expected
 */
record Refusal(LoginStatus status, String reason) {}
