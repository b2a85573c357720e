package io.sandrift.server.scsi.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class SenseDataTest {

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void fixedFormatCarriesKeyCodeAndFieldPointer() {
    assertThat(hex(SenseData.invalidFieldInCdb(3, 5).encode(false)))
        .isEqualTo("70000500000000" + "0a" + "00000000" + "2400" + "00" + "cd0003");
  }

  @Test
  void fixedFormatCarriesInformation() {
    SenseData sense =
        SenseData.of(SenseKey.MISCOMPARE, AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION)
            .withInformation(0x1234);
    assertThat(hex(sense.encode(false))).startsWith("f0000e00001234" + "0a");
  }

  @Test
  void informationThatDoesNotFitFixedFormatIsLeftOut() {
    SenseData sense =
        SenseData.of(SenseKey.MEDIUM_ERROR, AdditionalSense.WRITE_ERROR).withInformation(1L << 32);
    assertThat(hex(sense.encode(false))).startsWith("70000300000000");
  }

  @Test
  void descriptorFormatCarriesBothDescriptors() {
    SenseData sense = SenseData.invalidFieldInParameterList(0x102).withInformation(7);
    assertThat(hex(sense.encode(true)))
        .isEqualTo("7205260000000014" + "000a80000000000000000007" + "0206000080010200");
  }
}
