package io.sandrift.iscsi.text;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A text data segment: {@code key=value} pairs in their order, each ended by a NUL (RFC 7143 clause
 * 6.1). Immutable.
 */
public final class TextPairs implements Iterable<TextPair> {

  /** No text. */
  public static final TextPairs EMPTY = new TextPairs(List.of());

  /** The longest value of a key for which nothing else is said, in bytes (clause 6.1). */
  static final int MAX_VALUE_BYTES = 255;

  /** The longest value of a key that carries a large binary value, in bytes as sent. */
  static final int MAX_LARGE_VALUE_BYTES = 8192;

  private final List<TextPair> pairs;

  private TextPairs(List<TextPair> pairs) {
    this.pairs = List.copyOf(pairs);
  }

  /** Collects pairs in the order in which they are to be sent. */
  public static final class Builder {

    private final List<TextPair> pairs = new ArrayList<>();

    public Builder add(String key, String value) {
      pairs.add(new TextPair(key, value));
      return this;
    }

    public Builder add(TextKey key, String value) {
      return add(key.wireName(), value);
    }

    public Builder add(TextKey key, int value) {
      return add(key.wireName(), Integer.toString(value));
    }

    public TextPairs build() {
      return pairs.isEmpty() ? EMPTY : new TextPairs(pairs);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a negotiation's text, in which no key comes twice.
   *
   * @param text its readable bytes are read by index; its indices and reference stay the caller's
   */
  public static TextPairs parse(ByteBuf text, TextLimits limits) throws MalformedTextException {
    TextPairs parsed = parseRepeating(text, limits);
    Set<String> keys = new HashSet<>();
    for (TextPair pair : parsed) {
      if (!keys.add(pair.key())) {
        throw new MalformedTextException(pair.key() + " comes twice in one text");
      }
    }
    return parsed;
  }

  /** As {@link #parse}, but keys may repeat, as in the answer to SendTargets (appendix C). */
  public static TextPairs parseRepeating(ByteBuf text, TextLimits limits)
      throws MalformedTextException {
    if (text.readableBytes() > limits.maxBytes()) {
      throw new MalformedTextException(
          "a text of %d bytes, where at most %d are taken"
              .formatted(text.readableBytes(), limits.maxBytes()));
    }
    List<TextPair> pairs = new ArrayList<>();
    int at = text.readerIndex();
    int end = text.writerIndex();
    while (at < end) {
      int nul = text.indexOf(at, end, (byte) 0);
      // Some initiators leave out the last NUL and rely on padding, which is not part of the text.
      int pairEnd = nul < 0 ? end : nul;
      if (pairEnd > at) {
        if (pairs.size() == limits.maxPairs()) {
          throw new MalformedTextException(
              "more keys in one text than the %d that are taken".formatted(limits.maxPairs()));
        }
        pairs.add(parsePair(text, at, pairEnd));
      }
      at = pairEnd + 1;
    }
    return pairs.isEmpty() ? EMPTY : new TextPairs(pairs);
  }

  private static TextPair parsePair(ByteBuf text, int start, int end)
      throws MalformedTextException {
    int equals = text.indexOf(start, end, (byte) '=');
    if (equals < 0) {
      throw new MalformedTextException(
          "no \"=\" in \"%s\"".formatted(MalformedTextException.shortened(utf8(text, start, end))));
    }
    String key = utf8(text, start, equals);
    if (!TextPair.isKey(key)) {
      throw new MalformedTextException(
          "\"%s\" is not a key name: a letter, then up to 62 letters, digits and . - + @ _"
              .formatted(MalformedTextException.shortened(key)));
    }
    int limit = TextKey.hasLargeValue(key) ? MAX_LARGE_VALUE_BYTES : MAX_VALUE_BYTES;
    int length = end - equals - 1;
    if (length > limit) {
      throw new MalformedTextException(
          "the value of %s has %d bytes, at most %d are allowed".formatted(key, length, limit));
    }
    return new TextPair(key, utf8(text, equals + 1, end));
  }

  private static String utf8(ByteBuf text, int start, int end) throws MalformedTextException {
    byte[] bytes = new byte[end - start];
    text.getBytes(start, bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedTextException("text that is not UTF-8");
    }
  }

  /** The bytes as they are sent: UTF-8, a NUL after each pair. */
  public byte[] toBytes() {
    StringBuilder text = new StringBuilder();
    for (TextPair pair : pairs) {
      text.append(pair.key()).append('=').append(pair.value()).append('\0');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The first value of a key, or null when the key is not there. */
  public @Nullable String get(String key) {
    for (TextPair pair : pairs) {
      if (pair.key().equals(key)) {
        return pair.value();
      }
    }
    return null;
  }

  /** The first value of a key, or null when the key is not there. */
  public @Nullable String get(TextKey key) {
    return get(key.wireName());
  }

  /** How many pairs there are. */
  public int size() {
    return pairs.size();
  }

  public boolean isEmpty() {
    return pairs.isEmpty();
  }

  @Override
  public Iterator<TextPair> iterator() {
    return pairs.iterator();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TextPairs that && pairs.equals(that.pairs);
  }

  @Override
  public int hashCode() {
    return pairs.hashCode();
  }

  @Override
  public String toString() {
    return pairs.toString();
  }
}
