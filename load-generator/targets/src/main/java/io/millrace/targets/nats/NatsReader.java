package io.millrace.targets.nats;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;

/**
 * Reads streams through a pull consumer each, without acknowledgements; owned by the thread that polls it.
 */
final class NatsReader implements ConsumerSession, NatsLink.Messages {
    private static final int BATCH = 500;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long EXPIRES_NS = 2_000_000_000L;
    private static final long INACTIVE_NS = 60_000_000_000L;

    private final NatsLink link;
    private final int[] lanes;
    private final String[] nextSubjects;
    private final String[] replies;
    private final int firstSubscription;
    /** Messages asked for and not yet received, of each stream. */
    private final int[] asked;
    private final long[] askedAtNs;
    private final long[] heardAtNs;
    private ByteBuffer view;
    private ByteBuffer viewed;
    private RecordSource.Handler handler;
    private int taken;

    /**
     * Makes the consumers.
     *
     * @param link         to a server, taken over
     * @param admin        makes them
     * @param streams      to read
     * @param lanes        of each stream
     * @param startOffsets of each stream: records before it
     */
    NatsReader(
        final NatsLink link,
        final NatsAdmin admin,
        final String[] streams,
        final int[] lanes,
        final long[] startOffsets) {
        this.link = link;
        this.lanes = lanes.clone();
        asked = new int[streams.length];
        askedAtNs = new long[streams.length];
        heardAtNs = new long[streams.length];
        nextSubjects = new String[streams.length];
        replies = new String[streams.length];
        int first = 0;
        for (int i = 0; i < streams.length; i++) {
            final String consumer = admin.createConsumer(streams[i], "{\"stream_name\":\"" + streams[i]
                + "\",\"config\":{\"deliver_policy\":\"by_start_sequence\",\"opt_start_seq\":" + (startOffsets[i] + 1)
                + ",\"ack_policy\":\"none\",\"replay_policy\":\"instant\",\"max_waiting\":16,\"mem_storage\":true,"
                + "\"num_replicas\":1,\"inactive_threshold\":" + INACTIVE_NS + "}}");
            nextSubjects[i] = "$JS.API.CONSUMER.MSG.NEXT." + streams[i] + "." + consumer;
            replies[i] = link.inbox() + ".r" + i;
            final int number = link.subscribe(replies[i]);
            first = i == 0 ? number : first;
        }
        firstSubscription = first;
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler to) {
        handler = to;
        taken = 0;
        final long deadlineNs = System.nanoTime() + maxNs;
        while (true) {
            ask();
            link.wire().flush();
            final boolean isSilent = link.wire().fill() == 0;
            link.take(this);
            if (isSilent) {
                requireAnswers();
            }
            final long leftNs = deadlineNs - System.nanoTime();
            if (taken > 0 || leftNs <= 0) {
                return taken;
            }
            link.wire().await(Math.max(NS_PER_MS, leftNs));
        }
    }

    @Override
    public void onMessage(final NatsLink.Message message) {
        final int place = message.subscription() - firstSubscription;
        heardAtNs[place] = System.nanoTime();
        if (message.headerIndex() >= 0) {
            asked[place] = 0; // the server ends what was asked for: nothing there, or time is up
            return;
        }
        asked[place]--;
        if (viewed != message.buffer()) {
            viewed = message.buffer();
            view = viewed.duplicate(); // the handler moves position and limit
        }
        view.clear();
        handler.onRecord(lanes[place], view, message.index(), message.length());
        taken++;
    }

    @Override
    public void close() {
        link.close();
    }

    /** The server answers each time, at the latest when the time of a request is over: unless the consumer is gone. */
    private void requireAnswers() {
        final long nowNs = System.nanoTime();
        for (int i = 0; i < asked.length; i++) {
            if (nowNs - askedAtNs[i] > 2 * EXPIRES_NS && nowNs - heardAtNs[i] > 2 * EXPIRES_NS) {
                throw new Wire.WireException("nats: the consumer of partition " + lanes[i] + " does not answer",
                    null);
            }
        }
    }

    /** Asks for the next records where none are asked for. */
    private void ask() {
        final long nowNs = System.nanoTime();
        for (int i = 0; i < asked.length; i++) {
            if (asked[i] <= 0) {
                link.publish(nextSubjects[i], replies[i], "{\"batch\":" + BATCH + ",\"expires\":" + EXPIRES_NS + "}");
                asked[i] = BATCH;
                askedAtNs[i] = nowNs;
            }
        }
    }
}
