package io.sandrift.server.settings;

import java.util.Map;

/** The values that one server runs with. Immutable. */
public final class NodeSettings {

  private final Map<Setting<?>, Object> values;

  NodeSettings(Map<Setting<?>, Object> values) {
    this.values = Map.copyOf(values);
  }

  /** The setting's value, or its default when nobody set it. */
  @SuppressWarnings("unchecked") // SettingsReader puts what the setting itself parsed
  public <T> T get(Setting<T> setting) {
    return (T) values.getOrDefault(setting, setting.defaultValue());
  }
}
