package io.sandrift.server.login;

import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.iscsi.text.TextLimits;

/**
 * What a target answers logins with, and how much of them it puts up with.
 *
 * @param parameters what it would like sessions to be
 * @param textLimits of one text, over the requests that it is cut into
 * @param maxExchanges how many requests one login may take, 1 to 1000
 */
public record LoginSettings(ParameterProposal parameters, TextLimits textLimits, int maxExchanges) {

  /** Twice what the longest sensible login takes. */
  public static final LoginSettings DEFAULT =
      new LoginSettings(ParameterProposal.DEFAULT, TextLimits.DEFAULT, 32);

  public LoginSettings {
    if (maxExchanges < 1 || maxExchanges > 1000) {
      throw new IllegalArgumentException(
          "a login's exchanges are " + maxExchanges + ", expected 1 to 1000");
    }
  }
}
