package io.sandrift.server.settings;

import java.util.Locale;

/**
 * One setting, declared once: what the file, the environment and the flags call it, what it may be,
 * and what it is for. {@link ServerSettings} has them all.
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {

  private final String key;
  private final SettingType<T> type;
  private final T defaultValue;
  private final String sentence;

  Setting(String key, SettingType<T> type, T defaultValue, String sentence) {
    this.key = key;
    this.type = type;
    this.defaultValue = defaultValue;
    this.sentence = sentence;
  }

  /**
   * Its name in the YAML file, where the dots may also be nesting: {@code limits.login-timeout}.
   */
  public String key() {
    return key;
  }

  /** Its environment variable: {@code SANDRIFT_LIMITS_LOGIN_TIMEOUT}. */
  public String variable() {
    return "SANDRIFT_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Its flag: {@code --limits-login-timeout}. */
  public String flag() {
    return "--" + key.replace('.', '-');
  }

  /** What its value is when nobody sets it. */
  public T defaultValue() {
    return defaultValue;
  }

  /** {@link #defaultValue} as it would be written. */
  public String defaultText() {
    return text(defaultValue);
  }

  /** A value as it would be written. */
  String text(T value) {
    return type.print().apply(value);
  }

  /** What is accepted, in words. */
  public String range() {
    return type.range();
  }

  /** What it counts, or the kind of value. */
  public String unit() {
    return type.unit();
  }

  /** What it is for. */
  public String sentence() {
    return sentence;
  }

  /** Whether it is on or off, so that its flag alone means on. */
  public boolean isSwitch() {
    return defaultValue instanceof Boolean;
  }

  /**
   * @throws IllegalArgumentException if the text is out of range; its message may say how
   */
  T parse(String text) {
    return type.parse().apply(text.strip());
  }

  @Override
  public String toString() {
    return key;
  }
}
