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
 * @param fenced        true when its session was closed: it leads nothing and is in no other leader's ISR
 * @param incarnationId of the process that registered
 * @param bootId        of the machine at that time
 * @param clean         whether its logs were closed cleanly or its page cache survived
 * @param sessionId     of the quorum session that registered it, -1 when fenced
 */
public record BrokerInfo(
    int id, String host, int port, List<String> endpoints, long epoch, boolean fenced, UUID incarnationId, UUID bootId,
    boolean clean, long sessionId) {

    /** Session of a fenced broker. */
    static final long NO_SESSION = -1;

    /** Takes its own copy of the list. */
    public BrokerInfo {
        endpoints = List.copyOf(endpoints);
    }

    BrokerInfo fence() {
        return new BrokerInfo(id, host, port, endpoints, epoch, true, incarnationId, bootId, clean, NO_SESSION);
    }
}
