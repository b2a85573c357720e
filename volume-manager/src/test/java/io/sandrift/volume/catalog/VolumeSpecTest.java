package io.sandrift.volume.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeSpecTest {

  private static final VolumeName NAME = new VolumeName("demo");

  @ParameterizedTest
  @ValueSource(strings = {"a", "demo", "scratch-1", "db.prod", "0", "a1234567890"})
  void aNameThatAnIqnCanEndInIsAccepted(String name) {
    assertThat(new VolumeName(name).targetName()).isEqualTo("iqn.2026-11.io.sandrift:" + name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "A", "a b", "-a", "a-", ".a", "a.", "a/b", "a:b", "é", "a\n", "../../etc"})
  void anyOtherNameIsRefused(String name) {
    assertThatThrownBy(() -> new VolumeName(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lower-case letters");
  }

  @Test
  void aNameMayHave63CharactersAndNotOneMore() {
    assertThat(new VolumeName("x".repeat(63)).value()).hasSize(63);
    assertThatThrownBy(() -> new VolumeName("x".repeat(64))).hasMessageContaining("1 to 63");
  }

  @Test
  void aTargetNameLeadsBackToItsVolume() {
    assertThat(VolumeName.ofTarget(NAME.targetName())).contains(NAME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"iqn.2026-11.io.sandrift:", "iqn.2001-04.com.example:demo", "demo"})
  void aNameThatIsNoneOfOurTargetsLeadsNowhere(String target) {
    assertThat(VolumeName.ofTarget(target)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, (1 << 20) - 512, (1 << 20) + 1, (1L << 46) + 512, Long.MAX_VALUE})
  void aSizeOutOfRangeOrNotInWholeBlocksIsRefused(long size) {
    assertThatThrownBy(() -> VolumeSpec.of(NAME, size))
        .hasMessageContaining("size " + size)
        .hasMessageContaining("1MiB to 64TiB");
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 1L << 46, (1 << 20) + 512})
  void aSizeInRangeIsAccepted(long size) {
    assertThat(VolumeSpec.of(NAME, size).sizeBytes()).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -512, 513, 1024, 8192})
  void aBlockIs512Or4096Bytes(int block) {
    assertThatThrownBy(() -> new VolumeSpec(NAME, 1 << 30, block, 1 << 20, 64, "default"))
        .hasMessageContaining("512 nor 4096");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 15, 1 << 25, 100_000, Integer.MIN_VALUE})
  void aStripeUnitIsAPowerOfTwoFrom64KiBTo16MiB(int unit) {
    assertThatThrownBy(() -> new VolumeSpec(NAME, 1 << 30, 512, unit, 64, "default"))
        .hasMessageContaining("stripe unit " + unit);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1025})
  void partitionsAreFrom1To1024(int partitions) {
    assertThatThrownBy(() -> new VolumeSpec(NAME, 1 << 30, 512, 1 << 20, partitions, "default"))
        .hasMessageContaining("1 to 1024");
  }
}
