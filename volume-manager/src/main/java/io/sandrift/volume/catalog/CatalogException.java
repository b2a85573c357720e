package io.sandrift.volume.catalog;

/** The catalog can't be read or changed now; the message says why and what to do. */
public final class CatalogException extends RuntimeException {

  public CatalogException(String message) {
    super(message);
  }

  public CatalogException(String message, Throwable cause) {
    super(message, cause);
  }
}
