package io.millrace.broker.metadata;

import java.util.List;
import java.util.UUID;

/**
 * One broker as the quorum knows it.
 *
 * @param id            node id
 * @param host          where clients reach it
 * @param port          where clients reach it
 * @param endpoints     replication endpoints, "host:port", in the order the replication link asks for
 * @param epoch         grows with each registration of any broker
 * @param fenced        true from its registration until it says that it is ready, and from the end of its session on:
 *                      it leads nothing and joins no ISR
 * @param shuttingDown  true from its controlled shutdown on, until it registers again: nothing is given to it any more
 * @param incarnationId of the process that registered
 * @param bootId        of the machine at that time
 * @param clean         whether its logs were closed cleanly or its page cache survived
 * @param sessionId     of the quorum session that registered it, {@link #NO_SESSION} when that was closed
 * @param sessionEndMs  when its last session was closed, in the quorum's time; 0 when none was
 */
public record BrokerInfo(
    int id, String host, int port, List<String> endpoints, long epoch, boolean fenced, boolean shuttingDown,
    UUID incarnationId, UUID bootId, boolean clean, long sessionId, long sessionEndMs) {

    /** Session of a broker that has none. */
    public static final long NO_SESSION = -1;

    /** Takes its own copy of the list. */
    public BrokerInfo {
        endpoints = List.copyOf(endpoints);
    }

    /** {@return whether it has a session with the quorum, fenced or not} */
    public boolean isRegistered() {
        return sessionId != NO_SESSION;
    }

    /** {@return whether it may be given shards to lead or to copy} */
    public boolean isAssignable() {
        return !fenced && !shuttingDown;
    }

    BrokerInfo withoutSession(final long nowMs) {
        return new BrokerInfo(id, host, port, endpoints, epoch, true, shuttingDown, incarnationId, bootId, clean,
            NO_SESSION, nowMs);
    }

    BrokerInfo withSessionEndMs(final long newMs) {
        return new BrokerInfo(id, host, port, endpoints, epoch, fenced, shuttingDown, incarnationId, bootId, clean,
            sessionId, newMs);
    }

    BrokerInfo ready() {
        return new BrokerInfo(id, host, port, endpoints, epoch, false, shuttingDown, incarnationId, bootId, clean,
            sessionId, sessionEndMs);
    }

    BrokerInfo stopping() {
        return new BrokerInfo(id, host, port, endpoints, epoch, fenced, true, incarnationId, bootId, clean, sessionId,
            sessionEndMs);
    }
}
