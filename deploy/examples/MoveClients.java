import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.ClientTransfer;
import io.sandrift.server.distribution.SessionInfo;
import io.sandrift.server.node.Node;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsReader;
import java.util.concurrent.TimeUnit;

/**
 * An application with a Sandrift server inside, which hands its clients over to another server
 * before it does something that would slow them down, and says what came of each.
 *
 * <pre>
 *   java -cp 'LIB/*' deploy/examples/MoveClients.java DATA_DIR ZOOKEEPER OTHER_SERVER
 * </pre>
 */
public final class MoveClients {

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 3) {
      System.err.println("usage: MoveClients DATA_DIR ZOOKEEPER OTHER_SERVER");
      System.exit(2);
    }
    SettingsReader settings =
        new SettingsReader()
            .flag(ServerSettings.DATA_DIR, arguments[0])
            .flag(ServerSettings.ZOOKEEPER_CONNECT, arguments[1])
            .flag(ServerSettings.PORTALS, "127.0.0.1:0")
            .flag(ServerSettings.ADMIN_ADDRESS, "127.0.0.1:0");
    try (Node node = new Node(settings.conclude(), "example", volume -> {})) {
      ClientTransfer clients = node.start().clients();
      System.out.println("Mount something here, then press Enter to hand the clients over.");
      System.in.read();
      moveAll(clients, new ServerId(arguments[2]));
    }
  }

  /** One after the other, so that few wait at a time. */
  static void moveAll(ClientTransfer clients, ServerId to) throws Exception {
    for (SessionInfo session : clients.sessionsHere().get(10, TimeUnit.SECONDS)) {
      String outcome =
          clients
              .transfer(session.id(), to, "the application needs this machine")
              .handle((done, failure) -> failure == null ? "moved" : failure.getMessage())
              .get(60, TimeUnit.SECONDS);
      System.out.println(session.client() + " (" + session.volume() + "): " + outcome);
    }
  }
}
