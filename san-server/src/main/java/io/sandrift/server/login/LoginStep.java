package io.sandrift.server.login;

import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.TargetAddress;
import java.util.concurrent.CompletableFuture;

/** What to do after a login request. The response's data belong to whoever takes the step. */
public sealed interface LoginStep {

  /**
   * What to send.
   *
   * @throws IllegalStateException in a step that has nothing to send yet
   */
  LoginResponse response();

  /** Send the response and expect the next login request. */
  record Continue(LoginResponse response) implements LoginStep {}

  /**
   * Send the response, then close the connection.
   *
   * @param reason for the log
   */
  record Failed(LoginResponse response, String reason) implements LoginStep {}

  /**
   * Send nothing yet: where the login belongs is being decided. What comes of it goes to {@link
   * LoginPhase#decided}, or, if the connection is to be relayed, the request to where it goes.
   *
   * @param request with a reference to its data that belongs to whoever takes the step
   * @param isWhole whether the request is all that the initiator has sent
   */
  record Waiting(LoginRequest request, boolean isWhole, CompletableFuture<TargetLookup> decision)
      implements LoginStep {
    @Override
    public LoginResponse response() {
      throw new IllegalStateException("where the login belongs is not decided yet");
    }
  }

  /** Send the response, which names the address, then close the connection. */
  record Redirected(LoginResponse response, TargetAddress address) implements LoginStep {}

  /**
   * The initiator is through. Set up the session, give the response its TSIH and command window,
   * and send it; or send a refusal in its place.
   *
   * @param response as yet with the TSIH of the request, and a window of one command
   */
  record Completed(LoginOutcome outcome, LoginResponse response) implements LoginStep {

    /**
     * The same for a session that now exists.
     *
     * @param tsih 1 to 65535
     */
    public Completed withTsih(int tsih) {
      return withSession(tsih, response.maxCmdSn());
    }

    /**
     * The same for a session that now exists and takes commands up to {@code maxCmdSn}.
     *
     * @param tsih 1 to 65535
     */
    public Completed withSession(int tsih, int maxCmdSn) {
      if (tsih < 1 || tsih > 65535) {
        throw new IllegalArgumentException("a TSIH is " + tsih + ", expected 1 to 65535");
      }
      LoginResponse r = response;
      return new Completed(
          outcome,
          new LoginResponse(
              r.transit(),
              r.more(),
              r.currentStage(),
              r.nextStage(),
              r.isid(),
              tsih,
              r.initiatorTaskTag(),
              r.statSn(),
              r.expCmdSn(),
              maxCmdSn,
              r.status(),
              r.data()));
    }

    /**
     * The session couldn't be set up after all. Lets the response go.
     *
     * @param status a failure, such as {@link LoginStatus#OUT_OF_RESOURCES}
     */
    public Failed refused(LoginStatus status, String reason) {
      response.release();
      LoginResponse r = response;
      return new Failed(
          new LoginResponse(
              false,
              false,
              r.currentStage(),
              r.currentStage(),
              r.isid(),
              r.tsih(),
              r.initiatorTaskTag(),
              0,
              r.expCmdSn(),
              r.maxCmdSn(),
              status,
              Unpooled.EMPTY_BUFFER),
          reason);
    }
  }
}
