package io.sandrift.volume.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** How a command prints its result. The lower-case names are what the user types. */
public enum OutputFormat {
  /** For people. */
  table,
  /** For programs; the admin API's own fields. */
  json,
  /** The same as YAML. */
  yaml;

  /**
   * Prints a result.
   *
   * @param people what is printed as a table, asked for only then
   */
  public void print(PrintWriter out, JsonNode result, Supplier<TextTable> people) {
    try {
      switch (this) {
        case table -> people.get().print(out);
        case json ->
            out.println(
                new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(result));
        case yaml ->
            out.print(
                new YAMLMapper()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .writeValueAsString(result));
      }
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
    out.flush();
  }
}
