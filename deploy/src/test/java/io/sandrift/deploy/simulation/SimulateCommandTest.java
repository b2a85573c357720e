package io.sandrift.deploy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SimulateCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... options) {
    CommandLine line = new CommandLine(new SimulateCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all =
        new ArrayList<>(List.of("--servers", "5", "--clients", "50", "--minutes", "2"));
    all.addAll(List.of(options));
    return line.execute(all.toArray(String[]::new));
  }

  @Test
  void allPoliciesAreComparedInOneTable() {
    assertThat(run()).isZero();
    assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
        .containsExactly("POLICY", "round-robin", "least-loaded", "master", "intake", "adaptive");
  }

  @Test
  void thePictureIsASvgFileWithALineForEachPolicy(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("policies.svg");
    assertThat(run("--policy", "adaptive", "--policy", "intake", "--svg", file.toString()))
        .isZero();
    var picture = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    assertThat(picture.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(picture.getElementsByTagName("polyline").getLength()).isEqualTo(2 * 3);
    assertThat(Files.readString(file)).contains("5 servers, 50 clients, seed 1");
  }

  @Test
  void asJsonThereIsTheCourseOfTimeToo() throws Exception {
    assertThat(run("--policy", "adaptive,enter=1.3", "-o", "json")).isZero();
    JsonNode policy = new ObjectMapper().readTree(out.toString()).get("policies").get(0);
    assertThat(policy.get("policy").asText()).isEqualTo("adaptive,enter=1.3");
    assertThat(policy.get("imbalance").size()).isEqualTo(120);
  }

  @Test
  void whatCannotBeIsRefusedWithWhatIsExpected() {
    assertThat(run("--policy", "fastest")).isEqualTo(2);
    assertThat(err.toString()).contains("there is no policy 'fastest'");
    assertThat(run("--policy", "adaptive,enter")).isEqualTo(2);
    assertThat(err.toString()).contains("expected KEY=VALUE");
    assertThat(run("--gossip-loss", "2")).isEqualTo(2);
    assertThat(err.toString()).contains("gossip loss is 2.0");
  }

  @Test
  void aPictureThatCannotBeWrittenIsSaid(@TempDir Path directory) {
    assertThat(run("--policy", "intake", "--svg", directory.resolve("no/such/file").toString()))
        .isEqualTo(1);
  }
}
