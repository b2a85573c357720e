package io.sandrift.volume.cli;

import io.sandrift.volume.catalog.VolumeName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads volume names; a whole target name ({@code iqn.2026-11.io.sandrift:demo}) is fine too. */
final class NameConverter implements ITypeConverter<VolumeName> {

  @Override
  public VolumeName convert(String value) {
    try {
      return VolumeName.ofTarget(value).orElseGet(() -> new VolumeName(value));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
