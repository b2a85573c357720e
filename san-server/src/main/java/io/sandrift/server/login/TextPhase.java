package io.sandrift.server.login;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.SessionType;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text exchanges of one connection's full feature phase, on the target's side: SendTargets, and
 * what little may still be declared (RFC 7143 clauses 11.10 and 11.11, appendix C).
 *
 * <p>One exchange is open at a time, as the standard has it; a request without a target transfer
 * tag begins a new one and drops what was left of the last. Owned by the connection's event loop.
 * Holds at most one text of the given limits and the answer to it, which is as long as the list of
 * targets.
 */
public final class TextPhase {

  private static final String ALL = "All";

  private final IscsiName initiator;
  private final @Nullable IscsiName target;
  private final TargetDirectory directory;
  private final TextAssembly received;

  /** What is to be sent and didn't fit into a response yet. */
  private ByteBuf unsent = Unpooled.EMPTY_BUFFER;

  /** The tag that the open exchange goes on with; the reserved tag when none is open. */
  private int openTag = BasicHeader.RESERVED_TAG;

  private int openTask = BasicHeader.RESERVED_TAG;
  private int nextTag;
  private int peerMaxRecvDataSegmentLength;

  /**
   * @param outcome of this connection's login
   */
  public TextPhase(LoginOutcome outcome, TargetDirectory directory, TextLimits limits) {
    this.initiator = outcome.initiatorName();
    this.target = outcome.sessionType() == SessionType.DISCOVERY ? null : outcome.targetName();
    this.directory = directory;
    this.received = new TextAssembly(limits);
    this.peerMaxRecvDataSegmentLength = outcome.parameters().peerMaxRecvDataSegmentLength();
  }

  /**
   * The longest data segment that the initiator takes, in bytes. It may declare another one at any
   * time, so look again after each request.
   */
  public int peerMaxRecvDataSegmentLength() {
    return peerMaxRecvDataSegmentLength;
  }

  /**
   * Takes the next text request.
   *
   * @param request taken over: its data are released here
   */
  public TextStep receive(TextRequest request) {
    try {
      return step(request);
    } catch (MalformedTextException e) {
      return refuse(String.valueOf(e.getMessage()));
    } finally {
      request.release();
    }
  }

  private TextStep step(TextRequest request) throws MalformedTextException {
    if (request.last() && request.more()) {
      return refuse("the F and C bits are both set");
    }
    if (request.targetTransferTag() == BasicHeader.RESERVED_TAG) {
      end();
      openTask = request.initiatorTaskTag();
    } else if (request.targetTransferTag() != openTag || request.initiatorTaskTag() != openTask) {
      return refuse(
          "a text request goes on with target transfer tag 0x%08x, which is not open"
              .formatted(request.targetTransferTag()));
    }
    received.add(request.data());
    if (request.more()) {
      return new TextStep.Reply(false, false, open(), Unpooled.EMPTY_BUFFER);
    }
    TextPairs text = received.complete();
    if (unsent.isReadable() && !text.isEmpty()) {
      return refuse("new text before the answer to the last was taken");
    }
    if (!text.isEmpty()) {
      TextPairs.Builder reply = TextPairs.builder();
      for (TextPair pair : text) {
        receive(pair, reply);
      }
      unsent = Unpooled.wrappedBuffer(reply.build().toBytes());
    }
    return send(request);
  }

  private void receive(TextPair pair, TextPairs.Builder reply) throws MalformedTextException {
    TextKey key = TextKey.ofWireName(pair.key());
    if (key == null) {
      if (!pair.value().equals(TextKey.NOT_UNDERSTOOD)) {
        reply.add(pair.key(), TextKey.NOT_UNDERSTOOD);
      }
      return;
    }
    switch (key) {
      case SEND_TARGETS -> sendTargets(pair.value(), reply);
      case MAX_RECV_DATA_SEGMENT_LENGTH ->
          peerMaxRecvDataSegmentLength = key.parseNumber(pair.value());
      case INITIATOR_ALIAS -> {
        // A declaration that nothing depends on.
      }
      default -> reply.add(key, TextKey.REJECT);
    }
  }

  private void sendTargets(String which, TextPairs.Builder reply) throws MalformedTextException {
    IscsiName only;
    if (which.equals(ALL)) {
      if (target != null) {
        // Appendix C: all targets are for discovery sessions to see.
        reply.add(TextKey.SEND_TARGETS, TextKey.REJECT);
        return;
      }
      only = null;
    } else if (which.isEmpty()) {
      if (target == null) {
        reply.add(TextKey.SEND_TARGETS, TextKey.REJECT);
        return;
      }
      only = target;
    } else {
      only = IscsiName.parse(TextKey.SEND_TARGETS.wireName(), which);
      if (target != null && !target.equals(only)) {
        reply.add(TextKey.SEND_TARGETS, TextKey.REJECT);
        return;
      }
    }
    List<TargetDirectory.Entry> entries = directory.targetsFor(initiator);
    for (TargetDirectory.Entry entry : entries) {
      if (only == null || only.equals(entry.name())) {
        reply.add(TextKey.TARGET_NAME, entry.name().value());
        for (TargetAddress address : entry.addresses()) {
          reply.add(TextKey.TARGET_ADDRESS, address.toString());
        }
      }
    }
  }

  private TextStep send(TextRequest request) {
    int length = Math.min(unsent.readableBytes(), peerMaxRecvDataSegmentLength);
    ByteBuf data = Unpooled.copiedBuffer(unsent.readSlice(length));
    boolean more = unsent.isReadable();
    boolean last = request.last() && !more;
    if (last) {
      end();
      return new TextStep.Reply(true, false, BasicHeader.RESERVED_TAG, data);
    }
    return new TextStep.Reply(false, more, open(), data);
  }

  /** The tag for the initiator's next request of this exchange. */
  private int open() {
    nextTag = nextTag + 1 == BasicHeader.RESERVED_TAG ? 1 : nextTag + 1;
    openTag = nextTag;
    return openTag;
  }

  private TextStep refuse(String detail) {
    end();
    return new TextStep.Refused(Reject.PROTOCOL_ERROR, detail);
  }

  private void end() {
    openTag = BasicHeader.RESERVED_TAG;
    openTask = BasicHeader.RESERVED_TAG;
    unsent = Unpooled.EMPTY_BUFFER;
    received.clear();
  }
}
