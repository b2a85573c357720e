package io.sandrift.server.peer;

/** Bytes that no peer of ours would send; the connection they came over is closed. */
final class MalformedFrameException extends RuntimeException {

  MalformedFrameException(String message) {
    super(message, null, false, false);
  }
}
