package io.sandrift.server.target;

import io.sandrift.server.login.Authentication;
import io.sandrift.server.login.LoginEnvironment;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.login.TargetLookup;
import org.jspecify.annotations.Nullable;

/**
 * What this server has for a login: every target in its directory, through every portal, to
 * everyone.
 */
final class PortalEnvironment implements LoginEnvironment {

  private final PresentedTargets directory;

  PortalEnvironment(PresentedTargets directory) {
    this.directory = directory;
  }

  @Override
  public TargetLookup lookup(LoginQuery query) {
    if (query.targetName() == null) {
      return new TargetLookup.Found(TargetServer.PORTAL_GROUP_TAG, "", Authentication.NOT_REQUIRED);
    }
    @Nullable Target target = directory.find(query.targetName().value());
    if (target == null) {
      return TargetLookup.notFound();
    }
    return new TargetLookup.Found(
        TargetServer.PORTAL_GROUP_TAG, target.alias(), target.authentication());
  }
}
