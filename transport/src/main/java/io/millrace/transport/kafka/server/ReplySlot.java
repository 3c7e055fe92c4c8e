package io.millrace.transport.kafka.server;

import io.millrace.transport.kafka.codec.ReplyTarget;
import org.agrona.DirectBuffer;

/**
 * The place of one reply in its connection's order. Owned by the network thread; taken from a pool and used again once
 * the reply has left, so no reference is kept after completing it.
 *
 * <p>Completed exactly once by one of {@link #complete(int)}, {@link #complete(int, ReleaseHandler)},
 * {@link #completeWithoutReply()} or {@link #fail(String)}, also when the connection has died meanwhile; or given up by
 * {@link #crash(Throwable)}.
 */
public interface ReplySlot extends ReplyTarget {
    /** Bits of {@link #replyId} that carry the caller's entry. */
    int ENTRY_BITS = 20;
    /** Largest entry plus one. */
    int ENTRY_LIMIT = 1 << ENTRY_BITS;

    /** Told when a reply needs its file regions no longer. */
    @FunctionalInterface
    interface ReleaseHandler {
        /**
         * The last byte was handed to the socket, or the connection died. The slot is recycled after the call.
         *
         * @param slot the completed slot, its attachment still in place
         */
        void onReleased(ReplySlot slot);
    }

    /** {@return which request this answers} */
    short apiKey();

    /** {@return version of the request, to be used for the response} */
    short apiVersion();

    /** {@return the client's number for the request; the server writes it into the reply} */
    int correlationId();

    /** {@return number of the connection, unique within this server's life} */
    long connectionId();

    /** {@return address of the client as Kafka shows it, "/" and the host, empty when it is gone} */
    default String clientHost() {
        return "";
    }

    /** {@return whether somebody still waits for the reply} */
    boolean isConnected();

    /**
     * A positive number that finds this slot again through {@link KafkaServerAgent#slot(long)} for as long as it is not
     * completed; afterwards the number is stale and finds nothing.
     *
     * @param entry the caller's own, 0 to {@link #ENTRY_LIMIT} - 1 (for example the index of a response entry)
     * @return the number
     */
    long replyId(int entry);

    /**
     * {@return the caller's entry}
     *
     * @param replyId what {@link #replyId} returned
     */
    static int entryOf(final long replyId) {
        return (int) replyId & (ENTRY_LIMIT - 1);
    }

    /** {@return what {@link #attach} left here, null at first} */
    Object attachment();

    /**
     * Leaves something of the handler's in the slot until it is recycled.
     *
     * @param attachment preferably pooled
     */
    void attach(Object attachment);

    /** Copies the request's body, so that it stays readable until the slot is completed. Only within onRequest. */
    void retainRequest();

    /** {@return the retained body from index 0 on, null if it was not retained} */
    DirectBuffer requestBuffer();

    /** {@return length of the retained body} */
    int requestLength();

    /**
     * Asks for {@link RequestHandler#onExpired}; replaces an earlier time. Completing the slot cancels it.
     *
     * @param deadlineNs on the server's NanoClock
     */
    void expireAt(long deadlineNs);

    /** Takes back {@link #expireAt}. */
    void cancelExpiry();

    /**
     * The reply is ready: bytes of the slot's memory and, between them, the regions.
     *
     * @param length end of the response in the slot's memory, counted from index 0
     */
    void complete(int length);

    /**
     * The reply is ready.
     *
     * @param length  end of the response in the slot's memory, counted from index 0
     * @param release told when the regions are needed no longer
     */
    void complete(int length, ReleaseHandler release);

    /** The request takes no reply (acks=0). */
    void completeWithoutReply();

    /**
     * Closes the connection instead of answering.
     *
     * @param reason for the log: names the value, the limit and the remedy
     */
    void fail(String reason);

    /**
     * What works for this request has failed in a way that nobody planned for: its connection is closed, and nobody
     * else notices. What completes the slot afterwards is ignored, so that whoever still knows it may do so. For a slot
     * that was completed before, nothing but a log line and a count.
     *
     * @param failure for the log
     */
    default void crash(final Throwable failure) {
        fail("internal error: " + failure);
    }
}
