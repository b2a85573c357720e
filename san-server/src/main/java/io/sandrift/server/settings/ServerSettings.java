package io.sandrift.server.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Every setting of a server, in the order in which {@code --help-settings} shows them. Limits bound
 * what anybody who can reach a portal can make the server spend.
 */
public final class ServerSettings {

  private static final List<Setting<?>> DECLARED = new ArrayList<>();

  private static final SettingType<HostPort> ADDRESS = SettingType.address();

  private static final Pattern CHAP_NAME = Pattern.compile("[^\\x00-\\x1f]{0,255}");

  public static final Setting<String> SERVER_ID =
      declare(
          "server.id",
          SettingType.text(
              "-",
              "1 to 63 lower-case letters, digits and inner hyphens; empty: one is made up",
              Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?")),
          "",
          "Name of this server in the cluster; kept in the data directory from the first start"
              + " on.");

  public static final Setting<String> DATA_DIR =
      declare(
          "data-dir",
          SettingType.text("path", "a directory that exists or can be made", Pattern.compile(".+")),
          "sandrift-data",
          "Directory of everything that this server stores; one server at a time.");

  public static final Setting<List<HostPort>> PORTALS =
      declare(
          "portals",
          SettingType.listOf(ADDRESS, 16),
          List.of(new HostPort("127.0.0.1", 3260)),
          "Addresses at which initiators log in.");

  public static final Setting<HostPort> PEER_ADDRESS =
      declare(
          "peer.address",
          ADDRESS,
          new HostPort("127.0.0.1", 0),
          "Address at which the other servers of the cluster reach this one; port 0 is any free"
              + " one.");

  public static final Setting<Optional<HostPort>> PEER_ADVERTISED_ADDRESS =
      declare(
          "peer.advertised-address",
          SettingType.optional(SettingType.addressToReach()),
          Optional.empty(),
          "Address that the other servers are told, where a port is forwarded to peer.address.");

  public static final Setting<Duration> PEER_PATIENCE =
      declare(
          "peer.patience",
          SettingType.duration(Duration.ofMillis(100), Duration.ofMinutes(5)),
          Duration.ofSeconds(15),
          "Time that a command waits for a server that can't be reached before it is told BUSY.");

  public static final Setting<Duration> PEER_SILENCE =
      declare(
          "peer.silence",
          SettingType.duration(Duration.ofMillis(500), Duration.ofMinutes(1)),
          Duration.ofSeconds(4),
          "Silence of a server that owes an answer after which its connection is given up.");

  public static final Setting<String> PEER_CONGESTION_CONTROL =
      declare(
          "peer.congestion-control",
          SettingType.text(
              "name",
              "of net.ipv4.tcp_allowed_congestion_control; empty: the system's own",
              Pattern.compile("[a-z0-9_]{0,15}")),
          "cubic",
          "How TCP paces what goes to other servers; they are near each other, and bbr would cost"
              + " a fifth more processor time.");

  private static final Pattern PATH_OR_NONE = Pattern.compile(".*");

  public static final Setting<String> CLUSTER_SECRET_FILE =
      declare(
          "cluster.secret-file",
          SettingType.text("path", "a file that only its owner can read", PATH_OR_NONE),
          "",
          "File with the secret that all servers of a cluster share; without one, ZooKeeper keeps"
              + " it.");

  public static final Setting<String> PEER_TLS_CERTIFICATE =
      declare(
          "peer.tls.certificate",
          SettingType.text("path", "a file in PEM; empty: no TLS between servers", PATH_OR_NONE),
          "",
          "Certificate of this server, for TLS between servers.");

  public static final Setting<String> PEER_TLS_KEY =
      declare(
          "peer.tls.key",
          SettingType.text("path", "a file in PEM, PKCS#8", PATH_OR_NONE),
          "",
          "Its private key.");

  public static final Setting<String> PEER_TLS_AUTHORITY =
      declare(
          "peer.tls.authority",
          SettingType.text("path", "a file in PEM", PATH_OR_NONE),
          "",
          "Certificate of the authority that the certificates of all servers come from.");

  public static final Setting<Double> SERVER_WEIGHT =
      declare(
          "server.weight",
          SettingType.number("shares", 0.01, 1000),
          1.0,
          "Share of new volumes' partitions that this server is given, relative to the others.");

  public static final Setting<String> SERVER_SERVICES =
      declare(
          "server.services",
          SettingType.text(
              "name,...",
              "names of types of service, with commas; empty: all",
              Pattern.compile("([a-z0-9-]{1,31}(,[a-z0-9-]{1,31})*)?")),
          "",
          "Types of service whose volumes' clients this server takes.");

  public static final Setting<HostPort> ADMIN_ADDRESS =
      declare(
          "admin.address", ADDRESS, new HostPort("127.0.0.1", 8480), "Address of the admin API.");

  public static final Setting<Boolean> ADMIN_ALLOW_REMOTE =
      declare(
          "admin.allow-remote",
          SettingType.flag(),
          false,
          "Allow an admin address that other machines reach; everybody is asked for a token"
              + " there.");

  public static final Setting<Boolean> ADMIN_INSECURE =
      declare(
          "admin.insecure",
          SettingType.flag(),
          false,
          "Allow that without TLS; whoever listens on the network can then read the tokens.");

  public static final Setting<Boolean> ADMIN_REQUIRE_TOKEN =
      declare(
          "admin.require-token",
          SettingType.flag(),
          false,
          "Ask for a token on a loopback address too, as on a machine that others log in to.");

  public static final Setting<String> ADMIN_TOKEN_FILE =
      declare(
          "admin.token-file",
          SettingType.text("path", "a file that only its owner can read", Pattern.compile(".*")),
          "",
          "File whose first line is a token of the role admin, to make the first users with.");

  public static final Setting<String> ADMIN_TLS_CERTIFICATE =
      declare(
          "admin.tls.certificate",
          SettingType.text("path", "a file in PEM; empty: no TLS", Pattern.compile(".*")),
          "",
          "Certificate of the admin API, with those between it and its authority.");

  public static final Setting<String> ADMIN_TLS_KEY =
      declare(
          "admin.tls.key",
          SettingType.text(
              "path", "a file in PEM, PKCS#8, that only its owner can read", Pattern.compile(".*")),
          "",
          "Its private key.");

  public static final Setting<String> ZOOKEEPER_CONNECT =
      declare(
          "zookeeper.connect",
          SettingType.text(
              "host:port,...",
              "host:port, several with commas, then /path if wanted; empty: run one inside",
              Pattern.compile(
                  "([\\w.\\[\\]:-]+:\\d{1,5}(,[\\w.\\[\\]:-]+:\\d{1,5})*(/[\\w./-]+)?)?")),
          "",
          "ZooKeeper ensemble of the cluster; without one, the server runs its own, for itself.");

  public static final Setting<String> ZOOKEEPER_USER =
      declare(
          "zookeeper.user",
          SettingType.text(
              "-",
              "1 to 64 letters, digits and . _ -; empty: nobody is asked",
              Pattern.compile("[\\w.-]{0,64}")),
          "",
          "Name of the cluster in the ensemble; with one, what it keeps there is for it alone.");

  public static final Setting<String> ZOOKEEPER_PASSWORD_FILE =
      declare(
          "zookeeper.password-file",
          SettingType.text("path", "a file that only its owner can read", PATH_OR_NONE),
          "",
          "File whose first line is the password of that name.");

  public static final Setting<String> ZOOKEEPER_SCHEME =
      declare(
          "zookeeper.scheme",
          SettingType.text("-", "sasl, digest", Pattern.compile("sasl|digest")),
          "sasl",
          "How the name is proven: by SASL (DIGEST-MD5) or by what ZooKeeper calls digest.");

  public static final Setting<Boolean> ZOOKEEPER_OPEN_ZNODES =
      declare(
          "zookeeper.open-znodes",
          SettingType.flag(),
          false,
          "Leave it open to all, while the servers of a running cluster are given a name in turn.");

  public static final Setting<String> ZOOKEEPER_TLS_AUTHORITY =
      declare(
          "zookeeper.tls.authority",
          SettingType.text("path", "a file in PEM; empty: no TLS to the ensemble", PATH_OR_NONE),
          "",
          "Certificate of the authority that the ensemble's certificates come from.");

  public static final Setting<String> ZOOKEEPER_TLS_IDENTITY =
      declare(
          "zookeeper.tls.identity",
          SettingType.text(
              "path", "a file in PEM that only its owner can read; empty: none", PATH_OR_NONE),
          "",
          "Certificate and private key (PKCS#8) that this server shows the ensemble, in one file.");

  public static final Setting<Integer> ZOOKEEPER_EMBEDDED_PORT =
      declare(
          "zookeeper.embedded-port",
          SettingType.count("port", 0, 65535),
          0,
          "Port, on 127.0.0.1, of the ZooKeeper that runs inside; 0 is any free one.");

  public static final Setting<Duration> ZOOKEEPER_SESSION_TIMEOUT =
      declare(
          "zookeeper.session-timeout",
          SettingType.duration(Duration.ofSeconds(2), Duration.ofMinutes(2)),
          Duration.ofSeconds(10),
          "Silence after which the cluster takes this server for dead.");

  public static final Setting<Long> STORE_CAPACITY =
      declare(
          "store.capacity",
          SettingType.size(0, 1L << 50),
          0L,
          "Most that all volumes may take here; 0 is whatever the file system gives.");

  public static final Setting<Long> STORE_RESERVE =
      declare(
          "store.reserve",
          SettingType.size(0, 1L << 44),
          256L << 20,
          "Space of the file system that stays free, so that the store itself never hits its end.");

  public static final Setting<String> STORE_REPLACES =
      declare(
          "store.replaces",
          SettingType.text(
              "id", "the id of a data directory that is lost; empty: none is", PATH_OR_NONE),
          "",
          "Data directory of this server that is lost for good and begun anew here, with zeros.");

  public static final Setting<Integer> STORE_IO_THREADS =
      declare(
          "store.io-threads",
          SettingType.count("threads", 1, 256),
          8,
          "Threads that wait for the disk when it is slow.");

  public static final Setting<Integer> LIMIT_CONNECTIONS =
      declare(
          "limits.connections",
          SettingType.count("connections", 1, 100_000),
          1024,
          "Most connections at a time, logged in or not.");

  public static final Setting<Integer> LIMIT_SESSIONS =
      declare(
          "limits.sessions",
          SettingType.count("sessions", 1, 65_535),
          512,
          "Most sessions at a time.");

  public static final Setting<Integer> LIMIT_LOGINS =
      declare(
          "limits.logins",
          SettingType.count("connections", 1, 100_000),
          128,
          "Most connections at a time that haven't finished their login.");

  public static final Setting<Duration> LIMIT_LOGIN_TIMEOUT =
      declare(
          "limits.login-timeout",
          SettingType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
          Duration.ofSeconds(15),
          "Time that a connection has to finish its login.");

  public static final Setting<Integer> LIMIT_TEXT_BYTES =
      declare(
          "limits.text-bytes",
          SettingType.segment(8192, 1 << 20),
          16 << 10,
          "Most text of one login or text negotiation, over all its PDUs.");

  public static final Setting<Integer> LIMIT_PDU_BYTES =
      declare(
          "limits.pdu-bytes",
          SettingType.segment(8192, (1 << 24) - 1),
          256 << 10,
          "Longest data segment that is accepted (MaxRecvDataSegmentLength).");

  public static final Setting<Integer> LIMIT_QUEUED_COMMANDS =
      declare(
          "limits.queued-commands",
          SettingType.count("commands", 1, 4096),
          128,
          "Command window of a session: the most commands that it may have under way.");

  public static final Setting<Long> LIMIT_BYTES_IN_FLIGHT =
      declare(
          "limits.bytes-in-flight",
          SettingType.size(1 << 20, 1L << 34),
          256L << 20,
          "Most received data of all sessions that may wait for the store before reading pauses.");

  public static final Setting<Integer> ISCSI_FIRST_BURST =
      declare(
          "iscsi.first-burst",
          SettingType.segment(512, (1 << 24) - 1),
          256 << 10,
          "Most unsolicited data of one command that is agreed to (FirstBurstLength).");

  public static final Setting<Integer> ISCSI_MAX_BURST =
      declare(
          "iscsi.max-burst",
          SettingType.segment(512, (1 << 24) - 1),
          1 << 20,
          "Longest data sequence that is agreed to (MaxBurstLength).");

  public static final Setting<Integer> ISCSI_MAX_OUTSTANDING_R2T =
      declare(
          "iscsi.max-outstanding-r2t",
          SettingType.count("R2Ts", 1, 256),
          8,
          "Most R2Ts of one command at a time that are agreed to (MaxOutstandingR2T).");

  public static final Setting<List<String>> ISCSI_DIGESTS =
      declare(
          "iscsi.digests",
          SettingType.listOf(
              SettingType.text("digest", "none, crc32c", Pattern.compile("none|crc32c")), 2),
          List.of("none", "crc32c"),
          "Header and data digests that an initiator may choose.");

  public static final Setting<Duration> ISCSI_NOP_IN_INTERVAL =
      declare(
          "iscsi.nop-in-interval",
          SettingType.duration(Duration.ofMillis(100), Duration.ofHours(1)),
          Duration.ofSeconds(60),
          "Silence of a session after which the target asks whether it still lives (NOP-In).");

  public static final Setting<Duration> ISCSI_NOP_IN_TIMEOUT =
      declare(
          "iscsi.nop-in-timeout",
          SettingType.duration(Duration.ofMillis(100), Duration.ofHours(1)),
          Duration.ofSeconds(30),
          "Time that it has to answer before its connection is closed.");

  public static final Setting<Boolean> ACCESS_OPEN =
      declare(
          "access.open",
          SettingType.flag(),
          false,
          "Let everybody use a volume that has no access list; the same at all servers.");

  public static final Setting<String> CHAP_USER =
      declare(
          "chap.user",
          SettingType.text("-", "1 to 255 characters; empty: nobody is asked", CHAP_NAME),
          "",
          "Name that every initiator must prove by CHAP before it mounts a volume.");

  public static final Setting<String> CHAP_SECRET_FILE =
      declare(
          "chap.secret-file",
          SettingType.text("path", "a file that only its owner can read", Pattern.compile(".*")),
          "",
          "File whose first line is the secret of that name, 12 to 255 bytes.");

  public static final Setting<String> CHAP_TARGET_USER =
      declare(
          "chap.target-user",
          SettingType.text("-", "1 to 255 characters; empty: the target proves nothing", CHAP_NAME),
          "",
          "Name that this server proves in turn to an initiator that asks for it (mutual CHAP).");

  public static final Setting<String> CHAP_TARGET_SECRET_FILE =
      declare(
          "chap.target-secret-file",
          SettingType.text("path", "a file that only its owner can read", Pattern.compile(".*")),
          "",
          "File whose first line is the secret of that name; another one than the initiators'.");

  public static final Setting<Integer> LOAD_KNEE =
      declare(
          "load.knee",
          SettingType.count("commands", 0, 65_536),
          0,
          "Commands under way from which latency climbs here; 0: learned at run time.");

  public static final Setting<Duration> LOAD_UNLOADED_LATENCY =
      declare(
          "load.unloaded-latency",
          SettingType.duration(Duration.ZERO, Duration.ofMinutes(1)),
          Duration.ZERO,
          "Time of a command with little to do, 99th percentile; 0: learned at run time.");

  public static final Setting<Integer> LOAD_NETWORK_SPEED =
      declare(
          "load.network-speed",
          SettingType.count("Mbit/s", 0, 10_000_000),
          0,
          "Speed of the network that initiators use; 0: the fastest interface's.");

  public static final Setting<String> MONITOR_ADDRESS =
      declare(
          "monitor.address",
          SettingType.text(
              "host:port",
              "a loopback host:port; empty: there is none",
              Pattern.compile("([\\w.\\[\\]:-]+:\\d{1,5})?")),
          "",
          "Control process of this server's node ('sandrift monitor'), to which it reports.");

  public static final Setting<String> LOG_FORMAT =
      declare(
          "log.format",
          SettingType.text("-", "text, json", Pattern.compile("text|json")),
          "text",
          "How the log is written: lines for people, or one JSON object a line for programs.");

  public static final Setting<Boolean> METRICS_JMX =
      declare("metrics.jmx", SettingType.flag(), true, "Show the metrics in JMX as well.");

  public static final Setting<Duration> DISTRIBUTION_MASTER_ANSWER =
      declare(
          "distribution.master-answer",
          SettingType.duration(Duration.ofMillis(10), Duration.ofSeconds(10)),
          Duration.ofMillis(800),
          "How long a login waits for the master before this server decides by itself.");

  public static final Setting<Duration> DISTRIBUTION_RESERVATION =
      declare(
          "distribution.reservation-answer",
          SettingType.duration(Duration.ofMillis(10), Duration.ofSeconds(10)),
          Duration.ofMillis(500),
          "How long a login waits for the selected server to keep a place, before another is"
              + " tried.");

  public static final Setting<Duration> DISTRIBUTION_LOGOUT =
      declare(
          "distribution.logout-deadline",
          SettingType.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
          Duration.ofSeconds(5),
          "Time that a session which is to move has for its logout before it is dropped.");

  public static final Setting<Duration> DISTRIBUTION_ARRIVAL =
      declare(
          "distribution.arrival-limit",
          SettingType.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
          Duration.ofSeconds(20),
          "Time for which a place is kept for a client at the server that it was sent to.");

  public static final Setting<Integer> DISTRIBUTION_LOG_ENTRIES =
      declare(
          "distribution.log-entries",
          SettingType.count("entries", 1, 1_000_000),
          10_000,
          "How many decisions on who is served where this server remembers.");

  public static final Setting<Boolean> REPARTITION_AUTO_REBALANCE =
      declare(
          "repartition.auto-rebalance",
          SettingType.flag(),
          false,
          "Move partitions without being asked: to servers that join, and away from pressure.");

  public static final Setting<Duration> REPARTITION_AUTO_REBALANCE_INTERVAL =
      declare(
          "repartition.auto-rebalance-interval",
          SettingType.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
          Duration.ofSeconds(20),
          "How often repartition.auto-rebalance looks; what it finds three times in a row is"
              + " done.");

  public static final Setting<Duration> SHUTDOWN_TIMEOUT =
      declare(
          "shutdown.timeout",
          SettingType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
          Duration.ofSeconds(10),
          "Time that a stop may take before what is left of it is cut short.");

  private ServerSettings() {}

  /** All settings, in the order of their declaration. */
  public static List<Setting<?>> all() {
    return List.copyOf(DECLARED);
  }

  private static <T> Setting<T> declare(
      String key, SettingType<T> type, T defaultValue, String sentence) {
    Setting<T> setting = new Setting<>(key, type, defaultValue, sentence);
    DECLARED.add(setting);
    return setting;
  }
}
