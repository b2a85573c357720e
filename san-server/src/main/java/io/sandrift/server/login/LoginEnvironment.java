package io.sandrift.server.login;

/** What the login phase asks the rest of the server. */
public interface LoginEnvironment {

  /**
   * Where this login belongs, and what it has to prove. ★ The place where a login is redirected:
   * whoever decides that another server shall serve this initiator answers {@link
   * TargetLookup.Moved}.
   *
   * <p>Called once per login, on the connection's event loop, before the initiator has proven
   * anything: it must not block, and nothing may be granted to the initiator on its account. A
   * decision that takes asking others is answered as {@link TargetLookup.Undecided}.
   */
  TargetLookup lookup(LoginQuery query);
}
