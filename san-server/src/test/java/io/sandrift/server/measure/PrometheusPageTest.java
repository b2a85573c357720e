package io.sandrift.server.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.session.CommandKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrometheusPageTest {

  private final Measurements measurements = new Measurements();
  private final PrometheusPage page = new PrometheusPage(measurements);

  @Test
  void aCounterHasItsSentenceItsTypeAndItsLabels() {
    CommandMeasure commands = new CommandMeasure(measurements);
    commands.ended(CommandKind.READ, 1_000_000);
    commands.ended(CommandKind.READ, 1_000_000);
    assertThat(text())
        .contains("# HELP sandrift_commands_total SCSI commands that were answered.")
        .contains("# TYPE sandrift_commands_total counter")
        .contains("sandrift_commands_total{kind=\"read\"} 2.0")
        .contains("sandrift_commands_total{kind=\"flush\"} 0.0");
  }

  @Test
  void aSummaryIsInSeconds() {
    CommandMeasure commands = new CommandMeasure(measurements);
    for (int i = 0; i < 100; i++) {
      commands.ended(CommandKind.WRITE, 2_000_000_000);
    }
    commands.turn();
    assertThat(text())
        .contains("# TYPE sandrift_command_seconds summary")
        .containsPattern(
            "sandrift_command_seconds\\{kind=\"write\",quantile=\"0.99\"} 2\\.0[0-9]*\n")
        .contains("sandrift_command_seconds_count{kind=\"write\"} 100")
        .contains("sandrift_command_seconds_sum{kind=\"write\"} 200.0");
  }

  @Test
  void aGaugeIsAskedEachTime() {
    int[] sessions = {3};
    measurements.tell(ServerMetrics.SESSIONS, () -> sessions[0]);
    assertThat(text()).contains("sandrift_sessions 3.0");
    sessions[0] = 4;
    assertThat(text()).contains("sandrift_sessions 4.0");
  }

  @Test
  void everyDeclarationHasANameOfItsOwn() {
    assertThat(ServerMetrics.all()).extracting(Metric::name).doesNotHaveDuplicates();
  }

  private String text() {
    return new String(page.bytes(), StandardCharsets.UTF_8);
  }
}
