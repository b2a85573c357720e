package io.sandrift.load.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.ensemble.Identity.Scheme;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import org.junit.jupiter.api.Test;

class JaasSectionTest {

  private static final Identity US = new Identity(Scheme.SASL, "sandrift", "ours");
  private static final Identity OTHERS = new Identity(Scheme.SASL, "sandrift", "theirs");

  @Test
  void twoIdentitiesInOneProcessKeepTheirPasswords() {
    String ours = JaasSection.install(US);
    String theirs = JaasSection.install(OTHERS);
    assertThat(password(ours)).isEqualTo("ours");
    assertThat(password(theirs)).isEqualTo("theirs");
  }

  @Test
  void oneIdentityIsAddedOnce() {
    assertThat(JaasSection.install(US)).isEqualTo(JaasSection.install(US));
  }

  @Test
  void aSectionThatNobodyAddedIsNotThere() {
    JaasSection.install(US);
    assertThat(Configuration.getConfiguration().getAppConfigurationEntry("Client")).isNull();
  }

  private static Object password(String section) {
    AppConfigurationEntry[] entries =
        Configuration.getConfiguration().getAppConfigurationEntry(section);
    assertThat(entries).hasSize(1);
    return entries[0].getOptions().get("password");
  }
}
