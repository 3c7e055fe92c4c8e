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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * Reads partitions as they are written; owned by the thread that polls it.
 *
 * <p>A broker answers a connection in order, and a fetch that waits for records would hold up others: up to
 * {@value #MAX_SINGLE} partitions have a connection each. More of them share connections and fetches, up to
 * {@value #GROUP_SIZE} of one topic and leader, and are asked for no more often than brokers can look through all of
 * them: how much that adds to end-to-end times is told by {@link #restNs}.
 */
final class LeanConsumer implements ConsumerSession {
    /** Partitions that have a connection of their own. */
    static final int MAX_SINGLE = 64;
    /** Partitions in one fetch. */
    static final int GROUP_SIZE = 256;

    private static final long CALL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** What a partition that is asked for costs a broker, with a lot to spare. */
    private static final long REST_PER_LANE_NS = 5_000;
    private static final int FETCH_LENGTH = 1 << 20;
    private static final int MAX_WAIT_MS = 500;
    private static final int SEND_WINDOW_LENGTH = 64 * 1024;
    private static final int MAX_IN_FLIGHT = 16;

    private final String bootstrap;
    private final List<String> topics;
    private final TopicName[] topicNames;
    private final int partitions;
    private final NanoClock clock;
    private final long restNs;
    private final LeanSelector selector = new LeanSelector();
    private final RecordBatchReader reader = new RecordBatchReader(new FrameDecompressor());
    private final int[] lanes;
    /** Where each lane goes on, by its place in the array of lanes. */
    private final long[] nextOffsets;
    private List<Feed> feeds = List.of();
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
        this.lanes = lanes.clone();
        nextOffsets = startOffsets.clone();
        restNs = lanes.length <= MAX_SINGLE ? 0 : restNs(topics.size() * partitions);
        topicNames = topics.stream().map(TopicName::new).toArray(TopicName[]::new);
        lookAgainNs = clock.nanoTime();
    }

    /**
     * {@return how long a fetch of several partitions rests at least after the one before}
     *
     * @param laneCount partitions of all consumers together
     */
    static long restNs(final int laneCount) {
        return laneCount * REST_PER_LANE_NS;
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
        long nextNs = maxNs;
        for (final Feed feed : feeds) {
            workCount += feed.poll(nowNs);
            nextNs = Math.min(nextNs, feed.restLeftNs(nowNs));
        }
        if (workCount == 0) {
            selector.await(Math.max(nextNs, 100_000));
            for (final Feed feed : feeds) {
                feed.poll(clock.nanoTime());
            }
        }
        return received;
    }

    @Override
    public void close() {
        feeds.forEach(Feed::disconnect);
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
            connect(snapshot);
        } catch (final LeanClientException ex) {
            isStale = true; // the cluster does not answer now; asked again soon
        }
    }

    /** Lanes of one topic and leader are read together; what already is read so goes on. */
    private void connect(final ClusterView.Snapshot snapshot) {
        final int size = lanes.length <= MAX_SINGLE ? 1 : GROUP_SIZE;
        final Map<String, List<Integer>> byLeader = new LinkedHashMap<>();
        for (int place = 0; place < lanes.length; place++) {
            final Metadata.Broker leader = snapshot.leader(lanes[place]);
            if (leader == null) {
                stale();
            } else {
                byLeader.computeIfAbsent(lanes[place] / partitions + " " + leader.host() + ":" + leader.port(),
                    key -> new ArrayList<>()).add(place);
            }
        }
        final List<Feed> before = new ArrayList<>(feeds);
        final List<Feed> after = new ArrayList<>();
        byLeader.values().forEach(places -> {
            for (int from = 0; from < places.size(); from += size) {
                final int[] some = places.subList(from, Math.min(places.size(), from + size)).stream()
                    .mapToInt(Integer::intValue).toArray();
                final Metadata.Broker leader = snapshot.leader(lanes[some[0]]);
                final Feed same = before.stream().filter(feed -> feed.isOf(some, leader)).findFirst().orElse(null);
                before.remove(same);
                after.add(same != null ? same : new Feed(some));
                after.get(after.size() - 1).connect(leader);
            }
        });
        before.forEach(Feed::disconnect);
        feeds = after;
    }

    private void stale() {
        isStale = true;
        lookAgainNs = clock.nanoTime() + RETRY_NS;
    }

    /** Partitions of one topic and leader that are fetched together. */
    private final class Feed implements LeanResponseHandler {
        private final int[] places;
        private final int[] partitionIds;
        private final long[] offsets;
        private final TopicName topic;
        private LeanConnection connection;
        private boolean isAsked;
        private long restUntilNs = clock.nanoTime();

        Feed(final int[] places) {
            this.places = places;
            partitionIds = IntStream.of(places).map(place -> lanes[place] % partitions).toArray();
            offsets = new long[places.length];
            topic = topicNames[lanes[places[0]] / partitions];
        }

        boolean isOf(final int[] others, final Metadata.Broker leader) {
            return Arrays.equals(places, others) && connection != null && !connection.isClosed()
                && connection.address().equals(leader.host() + ":" + leader.port());
        }

        void connect(final Metadata.Broker leader) {
            if (isOf(places, leader)) {
                return;
            }
            disconnect();
            try {
                connection = new LeanConnection(leader.host(), leader.port(), new LeanConnectionConfiguration(
                    LeanDriver.CLIENT_ID, SEND_WINDOW_LENGTH, MAX_IN_FLIGHT,
                    LeanConnectionConfiguration.MAX_RESPONSE_LENGTH_DEFAULT,
                    LeanConnectionConfiguration.REQUEST_TIMEOUT_NS_DEFAULT), clock);
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

        /** {@return how long it rests before it asks again; {@link Long#MAX_VALUE} while it waits for an answer} */
        long restLeftNs(final long nowNs) {
            return isAsked || connection == null ? Long.MAX_VALUE : Math.max(0, restUntilNs - nowNs);
        }

        int poll(final long nowNs) {
            if (connection == null) {
                return 0;
            }
            int workCount = connection.poll(this);
            if (connection.isClosed()) {
                connection = null;
                isAsked = false;
                stale();
                return workCount;
            }
            if (!isAsked && restUntilNs - nowNs <= 0 && ask()) {
                isAsked = true;
                restUntilNs = nowNs + restNs;
                workCount += connection.poll(this);
            }
            return workCount;
        }

        private boolean ask() {
            for (int i = 0; i < places.length; i++) {
                offsets[i] = nextOffsets[places[i]];
            }
            return places.length == 1
                ? connection.offerFetch(topic, partitionIds[0], offsets[0], MAX_WAIT_MS, 1, FETCH_LENGTH, 0)
                : connection.offerFetch(topic, partitionIds, offsets, MAX_WAIT_MS, 1, FETCH_LENGTH, 0);
        }

        @Override
        public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
            throw new IllegalStateException("a reading connection produces nothing: " + topic);
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
            final int at = Arrays.binarySearch(partitionIds, partitionId);
            if (errorCode != 0 || at < 0) {
                restUntilNs = clock.nanoTime() + RETRY_NS; // until it is known who leads now
                stale();
                return;
            }
            final int place = places[at];
            reader.wrap(buffer, index, length);
            try {
                while (reader.nextBatch()) {
                    while (reader.nextRecord()) {
                        if (reader.offset() >= nextOffsets[place]) {
                            give(lanes[place]);
                        }
                    }
                    nextOffsets[place] = Math.max(nextOffsets[place], reader.nextOffset());
                }
            } catch (final MalformedRequestException | java.io.UncheckedIOException ex) {
                handler.onDamagedBatch(lanes[place], nextOffsets[place], String.valueOf(ex.getMessage()));
                nextOffsets[place] = Math.max(nextOffsets[place] + 1, reader.nextOffset());
            }
        }

        @Override
        public void onFetchEnd(final long token) {
            isAsked = false;
        }

        @Override
        public void onDisconnect(final String reason) {
            isAsked = false;
            stale();
        }

        private void give(final int lane) {
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
