package io.sandrift.server.scsi.spc;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The vital product data pages of a disk (SPC-4): those of every SCSI device are made here, others
 * are handed in by the command sets that own them. Never changes; any thread may ask.
 */
public final class VitalProductData {

  private static final int SUPPORTED_PAGES = 0x00;
  private static final int UNIT_SERIAL_NUMBER = 0x80;
  private static final int DEVICE_IDENTIFICATION = 0x83;
  private static final int EXTENDED_INQUIRY = 0x86;
  private static final int MODE_PAGE_POLICY = 0x87;

  private static final int SIMPSUP_ORDSUP_HEADSUP = 0x07;
  private static final int V_SUP = 0x01;
  private static final int LUICLR = 0x01;
  private static final int ALL_MODE_PAGES = 0x3f;
  private static final int ALL_SUBPAGES = 0xff;

  private final DiskIdentity identity;
  private final Map<Integer, Supplier<byte[]>> others;

  /**
   * The pages of a disk.
   *
   * @param others further pages by their code, each made by what follows its four-byte header
   */
  public VitalProductData(DiskIdentity identity, Map<Integer, Supplier<byte[]>> others) {
    this.identity = identity;
    this.others = new TreeMap<>(others);
  }

  /** The page with this code, or empty if there is none. */
  public Optional<ParameterData> page(int code, int relativeTargetPort) {
    ParameterData page = new ParameterData().u8(0).u8(code).u16(0);
    switch (code) {
      case SUPPORTED_PAGES -> {
        page.u8(SUPPORTED_PAGES).u8(UNIT_SERIAL_NUMBER).u8(DEVICE_IDENTIFICATION);
        page.u8(EXTENDED_INQUIRY).u8(MODE_PAGE_POLICY);
        others.keySet().forEach(page::u8);
      }
      case UNIT_SERIAL_NUMBER ->
          page.bytes(identity.serialNumber().getBytes(StandardCharsets.US_ASCII));
      case DEVICE_IDENTIFICATION -> DeviceIdentification.append(page, identity, relativeTargetPort);
      case EXTENDED_INQUIRY -> page.u8(0).u8(SIMPSUP_ORDSUP_HEADSUP).u8(V_SUP).u8(LUICLR).zeros(56);
      case MODE_PAGE_POLICY ->
          // One policy for all pages: shared by every nexus (00b), and not per target port.
          page.u8(ALL_MODE_PAGES).u8(ALL_SUBPAGES).u8(0).u8(0);
      default -> {
        Supplier<byte[]> other = others.get(code);
        if (other == null) {
          return Optional.empty();
        }
        page.bytes(other.get());
      }
    }
    page.setU16(2, page.length() - 4);
    return Optional.of(page);
  }
}
