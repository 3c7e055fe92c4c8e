package io.millrace.transport.kafka.server;

import io.millrace.transport.kafka.codec.RequestHeader;
import org.agrona.DirectBuffer;

/**
 * What a broker does with requests. Called on the network thread only; must not block.
 *
 * <p>ApiVersions and requests of versions that are not served never arrive here: the server answers or refuses them.
 *
 * <p>What fails at one cold request (a RuntimeException, or a StackOverflowError, which deeply nested input can cause)
 * costs that request: the client is told UNKNOWN_SERVER_ERROR, or its connection is closed, and the failure is counted
 * and logged. Other errors end the process. After an OutOfMemoryError nobody knows which threads it hit in the middle
 * of what, so the JVM exits at once (-XX:+ExitOnOutOfMemoryError) and the node comes back with what its logs say;
 * memory that clients can make the broker take is bounded so that it does not come to this. Where work is done on
 * behalf of all there is no such mercy: a failure in {@link #doWork} ends the node unless the handler contained it.
 */
public interface RequestHandler {
    /** The request is taken; its slot is completed now or later, exactly once. */
    int ACCEPTED = 1;
    /**
     * The request cannot be taken now (a ring is full). It is offered again, with the same slot, in later duty cycles;
     * its connection is not read until then. What the handler noted in the slot tells it how far it had come.
     */
    int BACK_PRESSURE = 0;

    /**
     * One complete request.
     *
     * @param header     its header, wrapped; valid during the call
     * @param buffer     holds the request; valid during the call (see {@link ReplySlot#retainRequest()})
     * @param bodyIndex  of the body
     * @param bodyLength of the body
     * @param slot       where the reply goes
     * @return {@link #ACCEPTED} or {@link #BACK_PRESSURE}
     * @throws io.millrace.transport.kafka.codec.MalformedRequestException closes the connection; the slot is then the
     *                                                                     server's again, and must be in no list of the
     *                                                                     handler
     */
    int onRequest(RequestHeader header, DirectBuffer buffer, int bodyIndex, int bodyLength, ReplySlot slot);

    /**
     * The connection of a slot is gone. Called once for each slot that was offered and is not completed, also when its
     * last offer was answered with {@link #BACK_PRESSURE}. The handler still completes it, now or when its last outcome
     * is in (any way of completing will do).
     *
     * @param slot not completed yet; its buffer stays writable until it is
     */
    void onAbandoned(ReplySlot slot);

    /**
     * The time set by {@link ReplySlot#expireAt} has come.
     *
     * @param slot not completed yet
     */
    void onExpired(ReplySlot slot);

    /**
     * The handler's share of the duty cycle: outcomes from other threads, fetches that can go on. Runs after pending
     * wake-ups were taken, so work published before a {@code wakeup()} is always seen.
     *
     * @param nowNs monotonic time
     * @return work count
     */
    int doWork(long nowNs);
}
