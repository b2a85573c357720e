package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.SessionType;
import org.jspecify.annotations.Nullable;

/**
 * What a login led to.
 *
 * @param initiatorAlias a name for people, as the initiator gave it; may be anything
 * @param targetName null in a discovery session
 * @param requestedTsih 0 for a new session, else the session that the initiator wants to add this
 *     connection to; whether that exists is the session layer's to say
 * @param expCmdSn the CmdSN of the first command to come
 * @param nextStatSn the StatSN of the next response that isn't the login's
 */
public record LoginOutcome(
    SessionType sessionType,
    IscsiName initiatorName,
    @Nullable String initiatorAlias,
    @Nullable IscsiName targetName,
    Isid isid,
    int requestedTsih,
    int connectionId,
    SessionParameters parameters,
    int expCmdSn,
    int nextStatSn) {}
