package io.sandrift.volume.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "10GiB, 10737418240",
    "10 GiB, 10737418240",
    "512mib, 536870912",
    "1.5TiB, 1649267441664",
    "4k, 4096",
    "1G, 1073741824",
    "1GB, 1000000000",
    "65536, 65536",
    "0, 0"
  })
  void aSizeIsReadInItsUnit(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "GiB", "-1GiB", "1..5G", "10 apples", "0x10", "1e9", "٣GiB", "1 G i B"})
  void whatIsNoSizeIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("10GiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9999999999TiB", "8192PiB", "0.3B", "9223372036854775808"})
  void whatIsNoWholeNumberOfBytesInRangeIsRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("whole number of bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1023, 1023B",
    "1024, 1KiB",
    "1536, 1.5KiB",
    "10737418240, 10GiB",
    "70368744177664, 64TiB",
    "9223372036854775807, 7.99EiB"
  })
  void aSizeIsPrintedInItsLargestUnit(long bytes, String text) {
    assertThat(new ByteSize(bytes)).hasToString(text);
  }

  @Property
  void aWholeNumberOfMebibytesReadsBackAsPrinted(@ForAll @LongRange(min = 0, max = 1023) long mib) {
    ByteSize size = new ByteSize(mib << 20);
    assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
  }
}
