package io.millrace.transport.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Message streams from this broker to each of its peers and back. Owned by the engine thread.
 *
 * <p>The contract is Aeron's: within one connected session of a stream messages arrive in order and without gaps; a
 * session may die at any time with the loss of whatever was not yet polled, and a new one begins. Between streams there
 * is no order. Nothing here says that a peer wrote anything: that is what ACK messages are for.
 */
public interface ReplicaLink extends AutoCloseable {
    /** Live log chunks, leader to follower. */
    int LIVE_STREAM = 0;
    /** Chunks for a follower that is far behind. */
    int CATCH_UP_STREAM = 1;
    /** Handshakes, acks, heartbeats. */
    int CONTROL_STREAM = 2;
    /** How many streams each ordered broker pair has. */
    int STREAM_COUNT = 3;

    /** No peer listens on this stream now. */
    long NOT_CONNECTED = -1;
    /** The peer or the window is full; try again in a later duty cycle. */
    long BACK_PRESSURED = -2;
    /** Try again at once or later; nothing is wrong. */
    long ADMIN_ACTION = -3;
    /** The link is closed for good. */
    long CLOSED = -4;

    /** Takes received messages. */
    @FunctionalInterface
    interface MessageHandler {
        /**
         * One message. The memory is the link's and valid only during the call.
         *
         * @param fromBrokerId the sender
         * @param stream       {@link #LIVE_STREAM}, {@link #CATCH_UP_STREAM} or {@link #CONTROL_STREAM}
         * @param buffer       holds the message
         * @param index        of its first byte
         * @param length       in bytes
         */
        void onMessage(int fromBrokerId, int stream, DirectBuffer buffer, int index, int length);
    }

    /** Fills a claimed message in place. */
    @FunctionalInterface
    interface MessageFiller {
        /**
         * Writes the message.
         *
         * @param buffer the link's own memory
         * @param index  where the message begins
         * @param length room claimed, bytes
         * @return true to send it, false to give the claim back
         */
        boolean fill(MutableDirectBuffer buffer, int index, int length);
    }

    /**
     * Sends one message.
     *
     * @param toBrokerId a peer
     * @param stream     one of the streams
     * @param buffer     holds the message
     * @param index      of its first byte
     * @param length     at most {@link #maxMessageLength}
     * @return a positive number, or one of the negative codes above
     */
    long offer(int toBrokerId, int stream, DirectBuffer buffer, int index, int length);

    /**
     * Claims room for one message in the link's own memory and fills it there, without a copy.
     *
     * @param toBrokerId a peer
     * @param stream     one of the streams
     * @param length     of the message, at most {@link #maxMessageLength}
     * @param filler     writes it
     * @return a positive number, or one of the negative codes above
     */
    long claim(int toBrokerId, int stream, int length, MessageFiller filler);

    /**
     * {@return longest message of a stream, bytes}
     *
     * @param stream one of the streams
     */
    int maxMessageLength(int stream);

    /**
     * {@return whether the peer's end of this stream is there now}
     *
     * @param toBrokerId a peer
     * @param stream     one of the streams
     */
    boolean isConnected(int toBrokerId, int stream);

    /**
     * Hands over received messages of all peers and streams, control first.
     *
     * @param handler      takes them
     * @param messageLimit how many at most
     * @return how many
     */
    int poll(MessageHandler handler, int messageLimit);

    /**
     * The link's own duty cycle (drivers, conductors, time-outs).
     *
     * @param nowNs monotonic time
     * @return work count
     */
    int doWork(long nowNs);

    @Override
    void close();
}
