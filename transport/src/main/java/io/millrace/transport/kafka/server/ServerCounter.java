package io.millrace.transport.kafka.server;

/** Counters of one network thread, readable from any thread. */
public enum ServerCounter {
    CONNECTIONS_OPEN("connections open"),
    CONNECTIONS_ACCEPTED("connections accepted"),
    CONNECTIONS_REFUSED("connections refused, limit reached"),
    CONNECTIONS_REFUSED_PER_ADDRESS("connections refused, limit of their address reached"),
    CLOSED_BY_PEER("connections closed by the peer"),
    CLOSED_BAD_FRAME_LENGTH("connections closed, frame length out of bounds"),
    CLOSED_MALFORMED("connections closed, malformed request"),
    CLOSED_UNSUPPORTED("connections closed, api or version not served"),
    CLOSED_BY_HANDLER("connections closed by the request handler"),
    CLOSED_IDLE("connections closed, idle too long"),
    CLOSED_NO_MEMORY("connections closed, request memory budget exhausted"),
    CLOSED_REPLY_MEMORY("connections closed, reply memory budget exhausted"),
    CLOSED_IO_ERROR("connections closed, input or output error"),
    CLOSED_AT_SHUTDOWN("connections closed, server shut down"),
    CLOSED_INTERNAL_ERROR("connections closed, internal error"),
    REQUESTS("requests received"),
    INTERNAL_ERRORS("requests and other work that an internal error ended"),
    BACK_PRESSURED("requests parked by back pressure"),
    REPLIES("replies sent"),
    BYTES_IN("bytes received"),
    BYTES_OUT("bytes sent"),
    BYTES_OUT_TRANSFERRED("record bytes sent by transferTo"),
    BYTES_OUT_COPIED("record bytes sent by a gathered copy"),
    RECEIVE_BYTES_HELD("bytes of memory held for incomplete requests"),
    REPLY_BYTES_HELD("bytes of memory held for replies"),
    WAKEUPS("wake-ups of a parked network thread"),
    MAX_DUTY_CYCLE_NS("longest duty cycle in ns");

    private final String label;

    ServerCounter(final String label) {
        this.label = label;
    }

    /** {@return what it counts, with its unit} */
    public String label() {
        return label;
    }
}
