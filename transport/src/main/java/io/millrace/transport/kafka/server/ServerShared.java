package io.millrace.transport.kafka.server;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ApiVersionsCodec;
import io.millrace.transport.kafka.codec.RequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** What all connections of one network thread share. Owned by that thread. */
final class ServerShared {
    /** Smallest piece of memory for an incomplete request. */
    static final int MIN_RECEIVE = 512;
    private static final int MIN_REPLY = 1024;
    private static final long MAX_FREE_LENGTH = 64L * 1024 * 1024;
    private static final int STAGING_LENGTH = 128 * 1024;
    private static final int SCRATCH_LENGTH = 64 * 1024;
    private static final int MAX_EVENTS_PER_SECOND = 20;
    private static final int MAX_ERRORS_PER_SECOND = 2;
    private static final int MAX_LOGGED_FRAMES = 30;

    private final KafkaServerContext context;
    private final RequestHandler handler;
    private final ServerCounters counters = new ServerCounters();
    private final BufferPool receivePool;
    private final BufferPool replyPool;
    private final SlotTimers timers;
    private final ReplySlots slots;
    private final EventLog events;
    private final EventLog errors;
    private final ApiVersionsCodec apiVersions;
    private final RequestHeader header = new RequestHeader();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_LENGTH);
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_LENGTH);
    private final ArrayDeque<Connection> queue = new ArrayDeque<>();
    private final KafkaServerAgent agent;
    private long nowNs;

    ServerShared(final KafkaServerContext context, final RequestHandler handler, final KafkaServerAgent agent) {
        this.context = context;
        this.handler = handler;
        this.agent = agent;
        nowNs = context.nanoClock().nanoTime();
        receivePool = new BufferPool(MIN_RECEIVE, MAX_FREE_LENGTH, counters, ServerCounter.RECEIVE_BYTES_HELD);
        replyPool = new BufferPool(MIN_REPLY, MAX_FREE_LENGTH, counters, ServerCounter.REPLY_BYTES_HELD);
        timers = new SlotTimers(nowNs);
        slots = new ReplySlots(replyPool, timers, context.maxReplyLength(), this::onCrash);
        events = new EventLog(context.eventLog(), MAX_EVENTS_PER_SECOND);
        errors = new EventLog(context.errorLog(), MAX_ERRORS_PER_SECOND);
        apiVersions = new ApiVersionsCodec(context.clusterId(), context.nodeId());
    }

    KafkaServerContext context() {
        return context;
    }

    RequestHandler handler() {
        return handler;
    }

    ServerCounters counters() {
        return counters;
    }

    BufferPool receivePool() {
        return receivePool;
    }

    BufferPool replyPool() {
        return replyPool;
    }

    SlotTimers timers() {
        return timers;
    }

    ReplySlots slots() {
        return slots;
    }

    EventLog events() {
        return events;
    }

    ApiVersionsCodec apiVersions() {
        return apiVersions;
    }

    RequestHeader header() {
        return header;
    }

    /** {@return where replies are gathered before one write; free to use during one connection's flush} */
    ByteBuffer staging() {
        return staging;
    }

    /** {@return where a run of small batches is read before its frame headers are left out} */
    ByteBuffer scratch() {
        return scratch;
    }

    long nowNs() {
        return nowNs;
    }

    void nowNs(final long timeNs) {
        nowNs = timeNs;
    }

    ArrayDeque<Connection> queue() {
        return queue;
    }

    /** Gives a connection a turn in this or the next duty cycle. */
    void enqueue(final Connection connection) {
        if (!connection.queued && !connection.isClosed()) {
            connection.queued = true;
            queue.add(connection);
        }
    }

    /** One waits too long for memory. {@return whether a connection was closed, whose memory comes free} */
    boolean relieveReceiveMemory() {
        return agent.relieveReceiveMemory();
    }

    /** The handler failed at one request. */
    void onCrash(final PooledSlot slot, final Throwable failure) {
        final Connection connection = slot.connection();
        onCrash("request failed: api=" + ApiTable.name(slot.apiKey()) + " version=" + slot.apiVersion() +
            " correlation.id=" + slot.correlationId() + (connection == null ? ", its client is gone"
            : " client.id=" + connection.clientId() + " client=" + connection.remote()), failure);
    }

    void onCrash(final String what, final Throwable failure) {
        counters.increment(ServerCounter.INTERNAL_ERRORS);
        final StringBuilder text = new StringBuilder(what).append(": ");
        int frameCount = 0;
        for (Throwable cause = failure; cause != null && frameCount < MAX_LOGGED_FRAMES; cause = cause.getCause()) {
            text.append(cause == failure ? "" : "\ncaused by ").append(cause);
            for (final StackTraceElement frame : cause.getStackTrace()) {
                if (++frameCount > MAX_LOGGED_FRAMES) {
                    break;
                }
                text.append("\n\tat ").append(frame);
            }
        }
        errors.log(nowNs, text.toString());
    }

    void onClosing(final Connection connection, final ServerCounter counter, final String detail) {
        if (detail != null) {
            events.log(nowNs, "connection " + connection.remote() + " closed: " + detail);
        }
        counters.increment(counter);
        agent.onClosed(connection);
    }
}
