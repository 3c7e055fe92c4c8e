package io.millrace.load.driver.lean;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.transport.kafka.client.LeanAdmin;
import io.millrace.transport.kafka.client.LeanClientException;
import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.client.LeanConnectionConfiguration;
import io.millrace.transport.kafka.client.LeanResponseHandler;
import io.millrace.transport.kafka.client.LeanSelector;
import io.millrace.transport.kafka.client.RecordBatchReader;
import io.millrace.transport.kafka.client.TopicName;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.message.Metadata;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * Reads partitions as they are written; owned by the thread that polls it. Each partition has a connection of its own,
 * since a broker answers a connection in order, and a fetch that waits for records would hold up the others.
 */
final class LeanConsumer implements ConsumerSession {
    /** Partitions of one consumer. */
    static final int MAX_LANES = 64;

    private static final long CALL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int FETCH_LENGTH = 1 << 20;
    private static final int MAX_WAIT_MS = 500;

    private final String bootstrap;
    private final List<String> topics;
    private final TopicName[] topicNames;
    private final int partitions;
    private final NanoClock clock;
    private final LeanSelector selector = new LeanSelector();
    private final RecordBatchReader reader = new RecordBatchReader(new FrameDecompressor());
    private final Feed[] feeds;
    private ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
    private RecordSource.Handler handler;
    private int received;
    private boolean isStale = true;
    private long lookAgainNs;

    LeanConsumer(
        final String bootstrap,
        final List<String> topics,
        final int partitions,
        final int[] lanes,
        final long[] startOffsets,
        final NanoClock clock) {
        this.bootstrap = bootstrap;
        this.topics = topics;
        this.partitions = partitions;
        this.clock = clock;
        topicNames = topics.stream().map(TopicName::new).toArray(TopicName[]::new);
        feeds = new Feed[lanes.length];
        for (int i = 0; i < lanes.length; i++) {
            feeds[i] = new Feed(lanes[i], startOffsets[i]);
        }
        lookAgainNs = clock.nanoTime();
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler to) {
        handler = to;
        received = 0;
        final long nowNs = clock.nanoTime();
        if (isStale && nowNs - lookAgainNs >= 0) {
            findLeaders(nowNs);
        }
        int workCount = 0;
        for (final Feed feed : feeds) {
            workCount += feed.poll(nowNs);
        }
        if (workCount == 0) {
            selector.await(maxNs);
            for (final Feed feed : feeds) {
                feed.poll(nowNs);
            }
        }
        return received;
    }

    @Override
    public void close() {
        for (final Feed feed : feeds) {
            feed.disconnect();
        }
        selector.close();
    }

    private void findLeaders(final long nowNs) {
        lookAgainNs = nowNs + RETRY_NS;
        try (LeanAdmin admin = new LeanAdmin(bootstrap, LeanDriver.CLIENT_ID, CALL_TIMEOUT_NS)) {
            final ClusterView.Snapshot snapshot =
                ClusterView.Snapshot.of(admin.describe(topics), topics, partitions, 1);
            if (snapshot == null) {
                return;
            }
            isStale = false;
            for (final Feed feed : feeds) {
                feed.connect(snapshot.leader(feed.lane));
            }
        } catch (final LeanClientException ex) {
            isStale = true; // the cluster does not answer now; asked again soon
        }
    }

    private void stale() {
        isStale = true;
        lookAgainNs = clock.nanoTime() + RETRY_NS;
    }

    /** One partition. */
    private final class Feed implements LeanResponseHandler {
        private final int lane;
        private long nextOffset;
        private LeanConnection connection;
        private boolean isAsked;

        Feed(final int lane, final long nextOffset) {
            this.lane = lane;
            this.nextOffset = nextOffset;
        }

        void connect(final Metadata.Broker leader) {
            if (leader == null) {
                stale();
                return;
            }
            final String address = leader.host() + ":" + leader.port();
            if (connection != null && !connection.isClosed() && connection.address().equals(address)) {
                return;
            }
            disconnect();
            try {
                connection = new LeanConnection(leader.host(), leader.port(),
                    LeanConnectionConfiguration.defaults(LeanDriver.CLIENT_ID), clock);
                selector.add(connection);
            } catch (final LeanClientException ex) {
                stale();
            }
        }

        void disconnect() {
            if (connection != null) {
                connection.close();
                connection = null;
            }
            isAsked = false;
        }

        int poll(final long nowNs) {
            if (connection == null) {
                return 0;
            }
            int workCount = connection.poll(this);
            if (connection == null || connection.isClosed()) {
                connection = null;
                isAsked = false;
                stale();
                return workCount;
            }
            if (!isAsked && !isStale && connection.offerFetch(topicNames[lane / partitions], lane % partitions,
                nextOffset, MAX_WAIT_MS, 1, FETCH_LENGTH, lane)) {
                isAsked = true;
                workCount += connection.poll(this);
            }
            return workCount;
        }

        @Override
        public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
            throw new IllegalStateException("a reading connection produces nothing: partition " + lane);
        }

        @Override
        public void onFetchBatch(
            final long token,
            final int partitionId,
            final short errorCode,
            final long highWatermark,
            final DirectBuffer buffer,
            final int index,
            final int length) {
            isAsked = false;
            if (errorCode != 0) {
                stale();
                return;
            }
            reader.wrap(buffer, index, length);
            try {
                while (reader.nextBatch()) {
                    while (reader.nextRecord()) {
                        if (reader.offset() >= nextOffset) {
                            give();
                        }
                    }
                    nextOffset = Math.max(nextOffset, reader.nextOffset());
                }
            } catch (final MalformedRequestException | java.io.UncheckedIOException ex) {
                handler.onDamagedBatch(lane, nextOffset, String.valueOf(ex.getMessage()));
                nextOffset = Math.max(nextOffset + 1, reader.nextOffset());
            }
        }

        @Override
        public void onDisconnect(final String reason) {
            isAsked = false;
            stale();
        }

        private void give() {
            final int length = Math.max(0, reader.valueLength());
            if (scratch.capacity() < length) {
                scratch = ByteBuffer.allocate(length);
            }
            reader.recordBuffer().getBytes(reader.valueIndex(), scratch.array(), 0, length);
            received++;
            handler.onRecord(lane, scratch, 0, length);
        }
    }
}
