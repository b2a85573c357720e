package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server must have to be one of the cluster: the secret, and the data that it left. */
@Timeout(120)
class ClusterIdentityTest {

  private static final ServerId SERVER = new ServerId("a");

  @TempDir Path directory;

  private TestingServer server;
  private CuratorFramework zookeeper;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(50));
    zookeeper.start();
  }

  @AfterEach
  void stop() throws Exception {
    zookeeper.close();
    server.close();
  }

  @Test
  void aServerThatComesAgainWithItsDataIsTaken() throws Exception {
    UUID data = UUID.randomUUID();
    DataIdentity.verify(zookeeper, SERVER, data, settings());
    assertThatCode(() -> DataIdentity.verify(zookeeper, SERVER, data, settings()))
        .doesNotThrowAnyException();
  }

  @Test
  void aServerThatComesAgainWithOtherDataIsRefusedAndToldWhatToDo() throws Exception {
    UUID known = UUID.randomUUID();
    DataIdentity.verify(zookeeper, SERVER, known, settings());
    assertThatThrownBy(() -> DataIdentity.verify(zookeeper, SERVER, UUID.randomUUID(), settings()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("is its disk mounted")
        .hasMessageContaining("store.replaces=" + known);
  }

  @Test
  void dataThatAreLostCanBeReplacedOnceTheirIdIsSaid() throws Exception {
    UUID lost = UUID.randomUUID();
    UUID anew = UUID.randomUUID();
    DataIdentity.verify(zookeeper, SERVER, lost, settings());
    NodeSettings replacing =
        new SettingsReader().flag(ServerSettings.STORE_REPLACES, lost.toString()).conclude();
    DataIdentity.verify(zookeeper, SERVER, anew, replacing);
    DataIdentity.verify(zookeeper, SERVER, anew, settings());
    assertThatThrownBy(() -> DataIdentity.verify(zookeeper, SERVER, lost, settings()))
        .isInstanceOf(StartupException.class);
  }

  @Test
  void otherServersHaveDataOfTheirOwn() throws Exception {
    DataIdentity.verify(zookeeper, SERVER, UUID.randomUUID(), settings());
    assertThatCode(
            () -> DataIdentity.verify(zookeeper, new ServerId("b"), UUID.randomUUID(), settings()))
        .doesNotThrowAnyException();
  }

  @Test
  void theFirstServerMakesASecretAndTheOthersFindIt() throws Exception {
    byte[] secret = ClusterSecret.find(settings(), zookeeper);
    assertThat(secret).hasSizeGreaterThanOrEqualTo(32);
    assertThat(ClusterSecret.find(settings(), zookeeper)).isEqualTo(secret);
  }

  @Test
  void aSecretInAFileIsTakenWithoutTheSpaceAroundIt() throws Exception {
    Path file = secret("  a secret that is long enough\n", "rw-------");
    assertThat(ClusterSecret.find(secretFile(file), zookeeper))
        .asString()
        .isEqualTo("a secret that is long enough");
  }

  @Test
  void aSecretThatOthersCanReadIsRefused() throws Exception {
    Path file = secret("a secret that is long enough", "rw-r-----");
    assertThatThrownBy(() -> ClusterSecret.find(secretFile(file), zookeeper))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("chmod 600 " + file);
  }

  @Test
  void aSecretThatIsTooShortIsRefused() throws Exception {
    Path file = secret("short", "rw-------");
    assertThatThrownBy(() -> ClusterSecret.find(secretFile(file), zookeeper))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("5 bytes, expected 16 or more");
  }

  @Test
  void aSecretFileThatIsMissingIsNamed() {
    Path file = directory.resolve("missing");
    assertThatThrownBy(() -> ClusterSecret.find(secretFile(file), zookeeper))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(file.toString());
  }

  private Path secret(String content, String permissions) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static NodeSettings secretFile(Path file) throws Exception {
    return new SettingsReader()
        .flag(ServerSettings.CLUSTER_SECRET_FILE, file.toString())
        .conclude();
  }

  private static NodeSettings settings() throws Exception {
    return new SettingsReader().conclude();
  }
}
