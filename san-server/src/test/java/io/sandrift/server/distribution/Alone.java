package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.SystemLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a server knows that has no load yet, and beside which some others are registered. */
final class Alone implements Surroundings {

  static final ServerId SELF = new ServerId("server-a");

  final List<Expected> expected = new ArrayList<>();
  private final List<ServerId> others;

  Alone(ServerId... others) {
    this.others = List.of(others);
  }

  @Override
  public ServerId self() {
    return SELF;
  }

  @Override
  public List<ServerId> members() {
    List<ServerId> all = new ArrayList<>(others);
    all.add(SELF);
    return all;
  }

  @Override
  public Optional<TargetAddress> portal(ServerId server) {
    return members().contains(server)
        ? Optional.of(new TargetAddress("127.0.0.1", 3260))
        : Optional.empty();
  }

  @Override
  public Set<String> services(ServerId server) {
    return Set.of();
  }

  @Override
  public String node(ServerId server) {
    return server.value();
  }

  @Override
  public double rating(ServerId server) {
    return 1;
  }

  @Override
  public SystemLoad load() {
    return SystemLoad.EMPTY;
  }

  @Override
  public void expect(Expected session) {
    expected.add(session);
  }

  @Override
  public void expectNoMore(String session) {}

  @Override
  public Map<ServerId, Double> locality(String targetName) {
    return Map.of();
  }
}
