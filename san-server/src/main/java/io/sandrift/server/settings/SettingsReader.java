package io.sandrift.server.settings;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sandrift.volume.cli.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Collects settings from a YAML file, the environment and flags. Each source is read as text, all
 * mistakes are gathered, and {@link #conclude} reports them together, so that nobody mends them one
 * start at a time. Used by one thread.
 */
public final class SettingsReader {

  /** Far more than any settings file needs; a wrong path (a disk image, say) ends here. */
  private static final long MAX_FILE_BYTES = 1 << 20;

  private record Given(String text, String source) {}

  private final Map<String, Setting<?>> declared = new LinkedHashMap<>();
  private final Map<Setting<?>, Given> given = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  public SettingsReader() {
    ServerSettings.all().forEach(setting -> declared.put(setting.key(), setting));
  }

  /** Takes the settings of a YAML file; keys may be nested or have dots. */
  public SettingsReader file(Path path) {
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        problems.add("settings file " + path + " is larger than 1MiB; is it the right file?");
        return this;
      }
      YAMLMapper yaml = new YAMLMapper();
      yaml.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
      JsonNode root = yaml.readTree(path.toFile());
      if (root.isObject()) {
        flatten("", root, "settings file " + path);
      } else if (!root.isMissingNode() && !root.isNull()) {
        problems.add("settings file " + path + " is no YAML mapping; expected lines 'key: value'");
      }
    } catch (NoSuchFileException e) {
      problems.add("settings file " + path + " doesn't exist");
    } catch (JsonProcessingException e) {
      var where = e.getLocation();
      problems.add(
          "settings file "
              + path
              + (where == null ? "" : ", line " + where.getLineNr())
              + " is no valid YAML: "
              + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      problems.add("settings file " + path + " can't be read: " + e);
    }
    return this;
  }

  /** Takes the settings' variables among {@code environment}; others are not looked at. */
  public SettingsReader environment(Map<String, String> environment) {
    for (Setting<?> setting : declared.values()) {
      String text = environment.get(setting.variable());
      if (text != null) {
        given.put(setting, new Given(text, "environment variable " + setting.variable()));
      }
    }
    return this;
  }

  /** Takes the setting's flag of the command line. */
  public SettingsReader flag(Setting<?> setting, String text) {
    return flag(setting, setting.flag(), text);
  }

  /** Takes a command's own option that stands for a setting. */
  public SettingsReader flag(Setting<?> setting, String option, String text) {
    given.put(setting, new Given(text, "option " + option));
    return this;
  }

  /**
   * All settings with their values.
   *
   * @throws SettingsException listing every unknown key and every value out of range
   */
  public NodeSettings conclude() throws SettingsException {
    Map<Setting<?>, Object> values = new HashMap<>();
    given.forEach(
        (setting, text) -> {
          try {
            values.put(setting, setting.parse(text.text()));
          } catch (IllegalArgumentException e) {
            problems.add(refusal(setting, text));
          }
        });
    NodeSettings settings = new NodeSettings(values);
    checkTogether(settings);
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
    return settings;
  }

  private void checkTogether(NodeSettings settings) {
    int firstBurst = settings.get(ServerSettings.ISCSI_FIRST_BURST);
    int maxBurst = settings.get(ServerSettings.ISCSI_MAX_BURST);
    if (firstBurst > maxBurst) {
      problems.add(
          "iscsi.first-burst "
              + firstBurst
              + " is more than iscsi.max-burst "
              + maxBurst
              + "; RFC 7143 clause 13.14 wants it no larger");
    }
    boolean isInside = settings.get(ServerSettings.ZOOKEEPER_CONNECT).isEmpty();
    if (isInside) {
      for (Setting<String> forEnsemble :
          List.of(
              ServerSettings.ZOOKEEPER_USER,
              ServerSettings.ZOOKEEPER_PASSWORD_FILE,
              ServerSettings.ZOOKEEPER_TLS_AUTHORITY,
              ServerSettings.ZOOKEEPER_TLS_IDENTITY)) {
        if (!settings.get(forEnsemble).isEmpty()) {
          problems.add(
              forEnsemble.key()
                  + " is for an ensemble, and zookeeper.connect names none: the ZooKeeper that runs"
                  + " inside has a password of its own");
        }
      }
    }
    if (!isInside && settings.get(ServerSettings.ZOOKEEPER_EMBEDDED_PORT) != 0) {
      problems.add(
          "zookeeper.embedded-port and zookeeper.connect exclude each other: with an ensemble, no"
              + " ZooKeeper runs inside");
    }
  }

  private static String refusal(Setting<?> setting, Given given) {
    String text = given.text();
    return setting.key()
        + " = '"
        + (text.length() > 200 ? text.substring(0, 200) + "..." : text)
        + "' ("
        + given.source()
        + ") is not accepted; expected "
        + setting.range()
        + (setting.unit().equals("-") ? "" : " [" + setting.unit() + "]")
        + ", such as "
        + (setting.defaultText().isEmpty() ? "an empty text" : setting.defaultText());
  }

  private void flatten(String prefix, JsonNode node, String source) {
    node.properties()
        .forEach(
            entry -> {
              String key = prefix + entry.getKey();
              JsonNode value = entry.getValue();
              Setting<?> setting = declared.get(key);
              if (setting != null && !value.isObject()) {
                String text = text(value);
                if (given.put(setting, new Given(text, source)) != null) {
                  problems.add(key + " is set twice in " + source);
                }
              } else if (value.isObject()) {
                flatten(key + ".", value, source);
              } else {
                problems.add(
                    "unknown setting '"
                        + key
                        + "' in "
                        + source
                        + closest(key).map(near -> "; did you mean " + near + "?").orElse("")
                        + " (sandrift server --help-settings lists them all)");
              }
            });
  }

  private static String text(JsonNode value) {
    if (!value.isArray()) {
      return value.isNull() ? "" : value.asText();
    }
    StringJoiner joined = new StringJoiner(",");
    value.forEach(element -> joined.add(element.asText()));
    return joined.toString();
  }

  private Optional<String> closest(String key) {
    return Nearest.to(key, declared.keySet());
  }
}
