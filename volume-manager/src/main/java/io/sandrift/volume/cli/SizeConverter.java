package io.sandrift.volume.cli;

import io.sandrift.volume.catalog.ByteSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes as {@code 10GiB}. */
public final class SizeConverter implements ITypeConverter<ByteSize> {

  @Override
  public ByteSize convert(String value) {
    try {
      return ByteSize.parse(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
