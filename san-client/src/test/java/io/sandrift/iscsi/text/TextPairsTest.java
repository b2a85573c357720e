package io.sandrift.iscsi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TextPairsTest {

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  private static TextPairs parse(String text) throws MalformedTextException {
    return TextPairs.parse(text(text), TextLimits.DEFAULT);
  }

  @Test
  void pairsKeepTheirOrder() throws Exception {
    assertThat(parse("SessionType=Normal\0AuthMethod=None\0"))
        .containsExactly(new TextPair("SessionType", "Normal"), new TextPair("AuthMethod", "None"));
  }

  @Test
  void aValueMayContainEqualsSigns() throws Exception {
    assertThat(parse("X-com.example=a=b\0").get("X-com.example")).isEqualTo("a=b");
  }

  @Test
  void aValueMayBeEmpty() throws Exception {
    assertThat(parse("SendTargets=\0").get(TextKey.SEND_TARGETS)).isEmpty();
  }

  @Test
  void aMissingLastNulIsForgiven() throws Exception {
    assertThat(parse("SendTargets=All").get(TextKey.SEND_TARGETS)).isEqualTo("All");
  }

  @Test
  void paddingIsNotAPair() throws Exception {
    assertThat(parse("SendTargets=All\0\0\0\0")).hasSize(1);
  }

  @Test
  void aKeyThatComesTwiceIsRefused() {
    assertThatThrownBy(() -> parse("AuthMethod=None\0AuthMethod=CHAP\0"))
        .isInstanceOf(MalformedTextException.class)
        .hasMessage("AuthMethod comes twice in one text");
  }

  @Test
  void keysMayRepeatWhereTheStandardLetsThem() throws Exception {
    assertThat(
            TextPairs.parseRepeating(
                text("TargetName=iqn.2026-11.a:1\0TargetName=iqn.2026-11.a:2\0"),
                TextLimits.DEFAULT))
        .hasSize(2);
  }

  @Test
  void textWithoutAnEqualsSignIsRefused() {
    assertThatThrownBy(() -> parse("AuthMethod\0")).isInstanceOf(MalformedTextException.class);
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {'K', '=', (byte) 0xff, 0});
    assertThatThrownBy(() -> TextPairs.parse(bytes, TextLimits.DEFAULT))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void aKeyHas63BytesAtMost() throws Exception {
    assertThat(parse("K".repeat(63) + "=v\0")).hasSize(1);
    assertThatThrownBy(() -> parse("K".repeat(64) + "=v\0"))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void aValueHas255BytesAtMost() throws Exception {
    assertThat(parse("TargetAlias=" + "v".repeat(255) + "\0")).hasSize(1);
    assertThatThrownBy(() -> parse("TargetAlias=" + "v".repeat(256) + "\0"))
        .isInstanceOf(MalformedTextException.class)
        .hasMessageContaining("at most 255");
  }

  @Test
  void aChapChallengeHas8192BytesAtMost() throws Exception {
    assertThat(parse("CHAP_C=" + "v".repeat(8192) + "\0")).hasSize(1);
    assertThatThrownBy(() -> parse("CHAP_C=" + "v".repeat(8193) + "\0"))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void theLimitOfBytesIsExact() throws Exception {
    TextLimits limits = new TextLimits(8, 10);
    assertThat(TextPairs.parse(text("Key=abc\0"), limits)).hasSize(1);
    assertThatThrownBy(() -> TextPairs.parse(text("Key=abcd\0"), limits))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void theLimitOfPairsIsExact() throws Exception {
    TextLimits limits = new TextLimits(100, 2);
    assertThat(TextPairs.parse(text("A=1\0B=2\0"), limits)).hasSize(2);
    assertThatThrownBy(() -> TextPairs.parse(text("A=1\0B=2\0C=3\0"), limits))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void aChapResponseIsNotShown() {
    assertThat(new TextPair("CHAP_R", "0x1234").toString()).doesNotContain("1234");
  }

  @Property(tries = 300)
  void whatIsWrittenIsReadBack(@ForAll("pairs") Map<String, String> pairs) throws Exception {
    TextPairs.Builder builder = TextPairs.builder();
    pairs.forEach(builder::add);
    TextPairs written = builder.build();
    assertThat(
            TextPairs.parse(
                Unpooled.wrappedBuffer(written.toBytes()), new TextLimits(1 << 20, 1000)))
        .isEqualTo(written);
  }

  @Property(tries = 300)
  void aTextCutAnywhereIsPutTogether(
      @ForAll("pairs") Map<String, String> pairs, @ForAll @IntRange(max = 10_000) int cut)
      throws Exception {
    TextPairs.Builder builder = TextPairs.builder();
    pairs.forEach(builder::add);
    TextPairs written = builder.build();
    byte[] bytes = written.toBytes();
    int at = cut % (bytes.length + 1);
    TextAssembly assembly = new TextAssembly(new TextLimits(1 << 20, 1000));
    assembly.add(Unpooled.wrappedBuffer(bytes, 0, at));
    assembly.add(Unpooled.wrappedBuffer(bytes, at, bytes.length - at));
    assertThat(assembly.complete()).isEqualTo(written);
    assertThat(assembly.isEmpty()).isTrue();
  }

  @Property(tries = 1000)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    try {
      assertThat(TextPairs.parse(Unpooled.wrappedBuffer(bytes), TextLimits.DEFAULT)).isNotNull();
    } catch (MalformedTextException e) {
      assertThat(e).hasMessageMatching("(?s).{5,400}");
    }
  }

  @Test
  void anAssemblyTakesNoMoreThanItsLimit() throws Exception {
    TextAssembly assembly = new TextAssembly(new TextLimits(8, 10));
    assembly.add(text("Key="));
    assembly.add(text("abc\0"));
    assertThatThrownBy(() -> assembly.add(text("x"))).isInstanceOf(MalformedTextException.class);
    assertThat(assembly.complete().get("Key")).isEqualTo("abc");
  }

  @Provide
  Arbitrary<Map<String, String>> pairs() {
    Arbitrary<String> keys =
        Arbitraries.strings()
            .withChars("ABCxyz019.-+@_")
            .ofMinLength(1)
            .ofMaxLength(62)
            .map(rest -> "K" + rest);
    Arbitrary<String> values = Arbitraries.strings().withChars("abc=,:~ é中").ofMaxLength(80);
    return Arbitraries.maps(keys, values).ofMaxSize(20);
  }

  @Test
  void noTextIsNoPairs() throws Exception {
    assertThat(parse("").isEmpty()).isTrue();
  }
}
