package io.sandrift.load.ensemble;

import java.util.Map;
import java.util.UUID;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.jspecify.annotations.Nullable;

/**
 * A user and its password where ZooKeeper's client looks for them: in JAAS's configuration, of
 * which a JVM has one. This adds a section with a name of its own to it; every other name is
 * answered by whatever configuration was there before.
 */
final class JaasSection extends Configuration {

  private final String name = "Sandrift-" + UUID.randomUUID();
  private final Identity identity;
  private final @Nullable Configuration others;

  private JaasSection(Identity identity, @Nullable Configuration others) {
    this.identity = identity;
    this.others = others;
  }

  /**
   * Adds one, unless it was the last that was added.
   *
   * @return the section's name
   */
  static String install(Identity identity) {
    synchronized (JaasSection.class) {
      Configuration current = current();
      if (current instanceof JaasSection last && last.identity.equals(identity)) {
        return last.name;
      }
      JaasSection section = new JaasSection(identity, current);
      Configuration.setConfiguration(section);
      return section.name;
    }
  }

  private static @Nullable Configuration current() {
    try {
      return Configuration.getConfiguration();
    } catch (SecurityException e) {
      // JAAS's way of saying that there is none.
      return null;
    }
  }

  @Override
  public AppConfigurationEntry @Nullable [] getAppConfigurationEntry(String section) {
    if (section.equals(name)) {
      return new AppConfigurationEntry[] {
        new AppConfigurationEntry(
            DigestLoginModule.class.getName(),
            LoginModuleControlFlag.REQUIRED,
            Map.of("username", identity.user(), "password", identity.password()))
      };
    }
    return others == null ? null : others.getAppConfigurationEntry(section);
  }

  @Override
  public void refresh() {
    if (others != null) {
      others.refresh();
    }
  }
}
