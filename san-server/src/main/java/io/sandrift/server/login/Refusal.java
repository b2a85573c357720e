package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.LoginStatus;

/**
 * Why a login fails.
 *
 * @param reason for the log: what came and what was expected. What came was the initiator's choice,
 *     so control characters become question marks: nobody writes lines of his own into the log.
 */
record Refusal(LoginStatus status, String reason) {

  Refusal {
    reason = reason.replaceAll("\\p{Cc}", "?");
  }
}
