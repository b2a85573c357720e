package io.sandrift.server.distribution.policy;

import java.time.Duration;
import java.util.Map;

/**
 * The values that one policy was given, checked before.
 *
 * @param texts by parameter name; what isn't there has its default
 */
record PolicyValues(Map<String, String> texts) {

  PolicyValues {
    texts = Map.copyOf(texts);
  }

  String text(PolicyParameter parameter) {
    return texts.getOrDefault(parameter.name(), parameter.defaultText());
  }

  double number(PolicyParameter parameter) {
    return Double.parseDouble(text(parameter));
  }

  int integer(PolicyParameter parameter) {
    return (int) Math.round(number(parameter));
  }

  Duration seconds(PolicyParameter parameter) {
    return Duration.ofMillis(Math.round(number(parameter) * 1000));
  }
}
