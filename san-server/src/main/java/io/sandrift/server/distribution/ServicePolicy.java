package io.sandrift.server.distribution;

import io.sandrift.server.distribution.policy.PolicySpec;

/**
 * How the clients of one type of service are distributed.
 *
 * @param spec the policy and its values
 * @param link how clients get to the selected server
 */
public record ServicePolicy(PolicySpec spec, Link link) {

  /** Of a service that nobody has said anything about. */
  public static final ServicePolicy DEFAULT = new ServicePolicy(PolicySpec.DEFAULT, Link.AUTO);
}
