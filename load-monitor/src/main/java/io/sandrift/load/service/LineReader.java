package io.sandrift.load.service;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads lines of bounded length. Used by one thread. */
final class LineReader {

  private final InputStream in;
  private final int maxBytes;

  LineReader(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /**
   * The next line without its end.
   *
   * @throws EOFException when there is no further line
   * @throws IOException also when the line is too long
   */
  byte[] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    for (int read = in.read(); read != '\n'; read = in.read()) {
      if (read < 0) {
        throw new EOFException("the other side has closed the connection");
      }
      if (line.size() == maxBytes) {
        throw new IOException("a line of more than " + maxBytes + " bytes");
      }
      line.write(read);
    }
    return line.toByteArray();
  }
}
