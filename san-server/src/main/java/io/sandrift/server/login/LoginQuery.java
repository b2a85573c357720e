package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.SessionType;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to log in to what, as the first login request said.
 *
 * @param targetName null in a discovery session
 * @param tsih 0 for a new session, else the session that a connection is to be added to
 */
public record LoginQuery(
    SessionType sessionType,
    IscsiName initiatorName,
    @Nullable IscsiName targetName,
    Isid isid,
    int tsih,
    int connectionId) {}
