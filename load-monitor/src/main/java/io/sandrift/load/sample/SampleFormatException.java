package io.sandrift.load.sample;

/** Bytes that should be a sample are none; the message says what is wrong with them. */
public final class SampleFormatException extends Exception {

  SampleFormatException(String message) {
    super(message);
  }

  SampleFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
