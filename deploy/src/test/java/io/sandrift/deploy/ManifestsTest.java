package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import io.sandrift.server.settings.SettingsReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The Compose file and the Kubernetes manifests, read strictly: no key twice, no unknown one where
 * a slip would go unnoticed, every setting one that servers have, and ports, images, volumes and
 * selectors that agree with each other.
 */
class ManifestsTest {

  private static final Path COMPOSE = Path.of("compose/compose.yaml");
  private static final Path PROMETHEUS = Path.of("observability/prometheus.yaml");
  private static final Path KUBERNETES = Path.of("kubernetes");
  private static final String IMAGE = "sandrift:" + version();

  private static final Set<String> SERVICE_KEYS =
      Set.of(
          "image",
          "restart",
          "networks",
          "environment",
          "volumes",
          "user",
          "read_only",
          "cap_drop",
          "security_opt",
          "tmpfs",
          "stop_grace_period",
          "depends_on",
          "hostname",
          "ports",
          "command",
          "secrets");

  @Test
  void composeStartsServersWithSettingsThatTheyAccept() throws Exception {
    Set<String> ids = new TreeSet<>();
    Set<String> ensembles = new TreeSet<>();
    for (Map.Entry<String, Node> service : servers().entrySet()) {
      NodeSettings settings = accepted(environment(service.getValue().map("environment")));
      ids.add(settings.get(ServerSettings.SERVER_ID));
      ensembles.add(settings.get(ServerSettings.ZOOKEEPER_CONNECT));
      String address = service.getValue().map("networks").map("cluster").text("ipv4_address");
      assertThat(settings.get(ServerSettings.PORTALS).toString()).contains(address);
      assertThat(settings.get(ServerSettings.PEER_ADDRESS).host()).isEqualTo(address);
      assertThat(settings.get(ServerSettings.ADMIN_ADDRESS).host()).isEqualTo(address);
      assertThat(settings.get(ServerSettings.PEER_ADDRESS).port()).isNotZero();
    }
    assertThat(ids).containsExactlyElementsOf(servers().keySet());
    assertThat(ensembles).hasSize(1);
    for (String zookeeper : ensembles.iterator().next().replaceFirst("/.*", "").split(",")) {
      assertThat(compose().map("services").keys()).contains(zookeeper.replaceFirst(":2281$", ""));
    }
  }

  @Test
  void composeNamesOnlyNetworksVolumesAndFilesThatAreThere() throws Exception {
    Node compose = compose();
    for (String name : compose.map("services").keys()) {
      Node service = compose.map("services").map(name);
      assertThat(SERVICE_KEYS).as(name).containsAll(service.keys());
      for (Object volume : service.list("volumes")) {
        String source = String.valueOf(volume).split(":")[0];
        if (source.startsWith("./secrets/")) {
          String whose = source.substring("./secrets/".length());
          assertThat(madeForCompose())
              .containsAnyOf(" " + whose + " ", whose.replaceFirst("[123]$", "\\$number"));
        } else if (source.startsWith(".")) {
          assertThat(COMPOSE.resolveSibling(source)).exists();
        } else {
          assertThat(compose.map("volumes").keys()).contains(source);
        }
      }
      Object networks = service.get("networks");
      assertThat(networks instanceof Map<?, ?> map ? map.keySet() : (List<?>) networks)
          .isSubsetOf(compose.map("networks").keys());
    }
  }

  @Test
  void everySecretThatComposeMountsIsMade() throws Exception {
    String giving =
        madeForCompose()
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("give 10001 "))
            .findFirst()
            .orElseThrow();
    Set<String> given = new TreeSet<>(List.of(giving.split(" ")));
    // What every container is given.
    given.addAll(Set.of("authority.pem", "identity.pem"));
    for (Node service : servers().values()) {
      assertThat(environment(service.map("environment")).values())
          .filteredOn(value -> value.startsWith("/run/secrets/"))
          .extracting(value -> value.substring("/run/secrets/".length()))
          .isNotEmpty()
          .isSubsetOf(given);
    }
  }

  /** What the ensemble's own example says, but for where it is and who is in it. */
  @ParameterizedTest
  @ValueSource(strings = {"compose/zoo.cfg", "kubernetes/zoo.cfg"})
  void zooKeepersAreAsCarefulAsTheExampleIs(String file) throws Exception {
    Properties example = properties("src/dist/ensemble/zoo.cfg");
    Properties ours = properties(file);
    for (String key : example.stringPropertyNames()) {
      assertThat(ours).as(key).containsKey(key);
      if (!key.matches("server\\..*|dataDir|.*[.]location")) {
        assertThat(ours.getProperty(key)).as(key).isEqualTo(example.getProperty(key));
      }
    }
    assertThat(ours).doesNotContainKeys("clientPort", "dataLogDir");
    assertThat(ours.getProperty("dataDir")).isEqualTo("/data");
  }

  @Test
  void nobodyIsSpokenToInTheClear() throws Exception {
    for (Node server : servers().values()) {
      assertEncrypted(accepted(environment(server.map("environment"))));
    }
    assertEncrypted(accepted(environmentInKubernetes()));
    Node scrape = new Node(documents(PROMETHEUS).get(0)).maps("scrape_configs").get(0);
    assertThat(scrape.text("scheme")).isEqualTo("https");
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      assertThat(container(statefulSet("sandrift")).map(probe).map("httpGet").text("scheme"))
          .isEqualTo("HTTPS");
    }
  }

  private static void assertEncrypted(NodeSettings settings) {
    assertThat(settings.get(ServerSettings.ADMIN_INSECURE)).isFalse();
    assertThat(settings.get(ServerSettings.ADMIN_TLS_CERTIFICATE)).isNotEmpty();
    assertThat(settings.get(ServerSettings.PEER_TLS_AUTHORITY)).isNotEmpty();
    assertThat(settings.get(ServerSettings.ZOOKEEPER_TLS_AUTHORITY)).isNotEmpty();
    assertThat(settings.get(ServerSettings.ZOOKEEPER_TLS_IDENTITY)).isNotEmpty();
  }

  @Test
  void composePublishesAdminAddressesToThisMachineAlone() throws Exception {
    for (String name : compose().map("services").keys()) {
      for (Object port : compose().map("services").map(name).list("ports")) {
        assertThat(String.valueOf(port)).startsWith("127.0.0.1:");
      }
    }
    Set<Object> published = new TreeSet<>();
    for (Node server : servers().values()) {
      String port = String.valueOf(server.list("ports").get(0));
      assertThat(port).endsWith(":8480");
      assertThat(published.add(port)).isTrue();
    }
  }

  @Test
  void prometheusReadsEveryServer() throws Exception {
    Node scrape = new Node(documents(PROMETHEUS).get(0)).maps("scrape_configs").get(0);
    assertThat(scrape.text("job_name")).isEqualTo("sandrift");
    assertThat(scrape.maps("static_configs").get(0).list("targets"))
        .map(String::valueOf)
        .containsExactlyElementsOf(servers().keySet().stream().map(id -> id + ":8480").toList());
  }

  @Test
  void everythingRunsTheImageThatTheBuildMakes() throws Exception {
    for (Node server : servers().values()) {
      assertThat(server.text("image")).isEqualTo(IMAGE);
    }
    Map<String, String> images = new HashMap<>();
    for (Node set : kubernetes("StatefulSet")) {
      images.put(set.map("metadata").text("name"), container(set).text("image"));
    }
    assertThat(images)
        .containsEntry("sandrift", IMAGE)
        .containsEntry("zookeeper", compose().map("services").map("zookeeper-1").text("image"));
    assertThat(Files.readString(Path.of("pom.xml"))).contains("<image>sandrift:${project.version}");
  }

  @Test
  void kubernetesStartsServersWithSettingsThatTheyAccept() throws Exception {
    Node container = container(statefulSet("sandrift"));
    NodeSettings settings = accepted(environmentInKubernetes());
    assertThat(settings.get(ServerSettings.SERVER_ID)).isEqualTo("s-0");
    assertThat(ports(container))
        .containsEntry("iscsi", settings.get(ServerSettings.PORTALS).get(0).port())
        .containsEntry("peer", settings.get(ServerSettings.PEER_ADDRESS).port())
        .containsEntry("admin", settings.get(ServerSettings.ADMIN_ADDRESS).port());
    for (String host :
        settings.get(ServerSettings.ZOOKEEPER_CONNECT).replaceFirst("/.*", "").split(",")) {
      assertThat(host).matches("zookeeper-[0-2]\\.zookeeper:2281");
    }
  }

  @Test
  void statefulSetsAreCompleteAndAgreeWithTheirServices() throws Exception {
    for (Node set : kubernetes("StatefulSet")) {
      String name = set.map("metadata").text("name");
      Node spec = set.map("spec");
      Node pod = spec.map("template");
      Map<?, ?> labels = pod.map("metadata").map("labels").values();
      assertThat(labels.entrySet().containsAll(selector(spec).entrySet())).as(name).isTrue();
      Node headless = named("Service", spec.text("serviceName"));
      assertThat(headless.map("spec").text("clusterIP")).isEqualTo("None");
      Node budget = named("PodDisruptionBudget", name);
      assertThat(selector(budget.map("spec"))).isEqualTo(selector(spec));
      assertThat(budget.map("spec").get("maxUnavailable")).isEqualTo(1);
      assertThat(pod.map("spec").map("securityContext").get("runAsNonRoot")).isEqualTo(true);

      Node container = container(set);
      assertThat(container.map("resources").map("requests").keys()).contains("cpu", "memory");
      assertThat(container.map("resources").map("limits").keys()).containsExactly("memory");
      assertThat(container.map("securityContext").get("allowPrivilegeEscalation")).isEqualTo(false);
      for (String probe : List.of("readinessProbe", "livenessProbe")) {
        Node how = container.map(probe);
        Node at = how.get("httpGet") != null ? how.map("httpGet") : how.map("tcpSocket");
        assertThat(ports(container)).containsKey(at.text("port"));
      }
      Set<String> volumes = new TreeSet<>();
      pod.map("spec").maps("volumes").forEach(volume -> volumes.add(volume.text("name")));
      spec.maps("volumeClaimTemplates")
          .forEach(claim -> volumes.add(claim.map("metadata").text("name")));
      for (Node mount : container.maps("volumeMounts")) {
        assertThat(volumes).contains(mount.text("name"));
      }
    }
  }

  @Test
  void onlyPodsOfTheNamespaceReachWhatIsNotForInitiators() throws Exception {
    for (Node set : kubernetes("StatefulSet")) {
      String name = set.map("metadata").text("name");
      Node policy = named("NetworkPolicy", name).map("spec");
      assertThat(policy.map("podSelector").map("matchLabels").values())
          .isEqualTo(selector(set.map("spec")));
      for (Node rule : policy.maps("ingress")) {
        boolean fromAnywhere = rule.get("from") == null;
        for (Node port : rule.maps("ports")) {
          assertThat(ports(container(set))).containsKey(port.text("port"));
        }
        if (fromAnywhere) {
          assertThat(rule.maps("ports"))
              .extracting(port -> port.text("port"))
              .containsExactly("iscsi");
        }
      }
    }
  }

  @Test
  void servicesNamePortsOfTheirPods() throws Exception {
    for (Node service : kubernetes("Service")) {
      Map<?, ?> selector = service.map("spec").map("selector").values();
      Node set = statefulSet(String.valueOf(selector.get("app.kubernetes.io/name")));
      for (Node port : service.map("spec").maps("ports")) {
        assertThat(ports(container(set)))
            .containsEntry(port.text("name"), (Integer) port.get("port"));
      }
    }
  }

  @Test
  void probesAskForWhatTheAdminApiAnswers() throws Exception {
    Node container = container(statefulSet("sandrift"));
    String described = described();
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      assertThat(described)
          .contains("\"" + container.map(probe).map("httpGet").text("path") + "\"");
    }
  }

  @Test
  void aStopIsGivenLongerThanServersTakeForIt() throws Exception {
    long longest = ServerSettings.SHUTDOWN_TIMEOUT.defaultValue().toSeconds();
    assertThat(seconds(servers().get("server-1").text("stop_grace_period"))).isGreaterThan(longest);
    Object grace =
        statefulSet("sandrift")
            .map("spec")
            .map("template")
            .map("spec")
            .get("terminationGracePeriodSeconds");
    assertThat(((Integer) grace).longValue()).isGreaterThan(longest);
    String unit = Files.readString(Path.of("src/dist/systemd/sandrift-server.service"));
    String stop =
        unit.lines().filter(line -> line.startsWith("TimeoutStopSec=")).findFirst().orElseThrow();
    assertThat(seconds(stop.substring("TimeoutStopSec=".length()))).isGreaterThan(longest);
  }

  @Test
  void everyManifestIsInTheKustomization() throws Exception {
    Node kustomization = new Node(documents(KUBERNETES.resolve("kustomization.yaml")).get(0));
    try (Stream<Path> files = Files.list(KUBERNETES)) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml")))
          .containsExactlyInAnyOrderElementsOf(
              kustomization.list("resources").stream().map(String::valueOf).toList());
    }
  }

  // ---- Reading.

  /** A mapping of a YAML document. */
  private record Node(Map<?, ?> values) {

    Object get(String key) {
      return values.get(key);
    }

    String text(String key) {
      assertThat(values.get(key)).as(key).isInstanceOf(String.class);
      return (String) values.get(key);
    }

    Node map(String key) {
      assertThat(values.get(key)).as(key).isInstanceOf(Map.class);
      return new Node((Map<?, ?>) values.get(key));
    }

    List<?> list(String key) {
      return values.get(key) == null ? List.of() : (List<?>) values.get(key);
    }

    List<Node> maps(String key) {
      return list(key).stream().map(value -> new Node((Map<?, ?>) value)).toList();
    }

    Set<String> keys() {
      return values.keySet().stream().map(String::valueOf).collect(Collectors.toSet());
    }
  }

  private static List<Map<?, ?>> documents(Path file) throws Exception {
    LoaderOptions strict = new LoaderOptions();
    strict.setAllowDuplicateKeys(false);
    List<Map<?, ?>> documents = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      new Yaml(new SafeConstructor(strict))
          .loadAll(in)
          .forEach(document -> documents.add((Map<?, ?>) document));
    }
    return documents;
  }

  private static Node compose() throws Exception {
    return new Node(documents(COMPOSE).get(0));
  }

  private static Map<String, Node> servers() throws Exception {
    Map<String, Node> servers = new TreeMap<>();
    Node services = compose().map("services");
    services.keys().stream()
        .filter(name -> name.startsWith("server-"))
        .forEach(name -> servers.put(name, services.map(name)));
    assertThat(servers).hasSize(3);
    return servers;
  }

  private static Map<String, String> environment(Node node) {
    Map<String, String> environment = new HashMap<>();
    node.values().forEach((name, value) -> environment.put((String) name, (String) value));
    return environment;
  }

  private static Map<String, String> environmentInKubernetes() throws Exception {
    Map<String, String> environment = new HashMap<>();
    for (Node variable : container(statefulSet("sandrift")).maps("env")) {
      assertThat(variable.keys()).isSubsetOf("name", "value", "valueFrom");
      if (variable.get("value") != null) {
        environment.put(
            variable.text("name"),
            variable.text("value").replace("$(POD_IP)", "10.0.0.7").replace("$(POD_NAME)", "s-0"));
      }
    }
    return environment;
  }

  private static String madeForCompose() {
    try {
      return Files.readString(COMPOSE.resolveSibling("make-secrets"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Properties properties(String file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      properties.load(in);
    }
    return properties;
  }

  private static NodeSettings accepted(Map<String, String> environment) throws Exception {
    assertThat(environment.keySet().stream().filter(name -> name.startsWith("SANDRIFT_")))
        .isSubsetOf(ServerSettings.all().stream().map(Setting::variable).toList());
    return new SettingsReader().environment(environment).conclude();
  }

  private static List<Node> kubernetes(String kind) throws Exception {
    List<Node> found = new ArrayList<>();
    for (String file : List.of("namespace.yaml", "zookeeper.yaml", "sandrift.yaml")) {
      for (Map<?, ?> document : documents(KUBERNETES.resolve(file))) {
        Node node = new Node(document);
        assertThat(node.keys()).isSubsetOf("apiVersion", "kind", "metadata", "spec");
        assertThat(node.text("apiVersion"))
            .isIn("v1", "apps/v1", "policy/v1", "networking.k8s.io/v1");
        if (node.text("kind").equals(kind)) {
          found.add(node);
        }
      }
    }
    assertThat(found).as(kind).isNotEmpty();
    return found;
  }

  private static Node named(String kind, String name) throws Exception {
    return kubernetes(kind).stream()
        .filter(node -> node.map("metadata").text("name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Node statefulSet(String name) throws Exception {
    return named("StatefulSet", name);
  }

  private static Node container(Node statefulSet) {
    return statefulSet.map("spec").map("template").map("spec").maps("containers").get(0);
  }

  private static Map<?, ?> selector(Node spec) {
    return spec.map("selector").map("matchLabels").values();
  }

  private static Map<String, Integer> ports(Node container) {
    Map<String, Integer> ports = new HashMap<>();
    for (Node port : container.maps("ports")) {
      ports.put(port.text("name"), (Integer) port.get("containerPort"));
    }
    return ports;
  }

  /** What the API answers, as its resources describe it. */
  private static String described() throws Exception {
    Path descriptions = Path.of("../san-server/src/main/resources/io/sandrift/server/admin");
    StringBuilder paths = new StringBuilder();
    try (Stream<Path> files = Files.list(descriptions)) {
      for (Path file : files.filter(name -> name.toString().endsWith(".openapi.json")).toList()) {
        paths.append(new ObjectMapper().readTree(file.toFile()).path("paths"));
      }
    }
    return paths.toString();
  }

  private static long seconds(String text) {
    assertThat(text).matches("\\d+s");
    return Long.parseLong(text.substring(0, text.length() - 1));
  }

  private static String version() {
    try {
      String pom = Files.readString(Path.of("..", "pom.xml"));
      return pom.replaceFirst(
          "(?s).*?<artifactId>sandrift</artifactId>\\s*<version>([^<]*)<.*", "$1");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
