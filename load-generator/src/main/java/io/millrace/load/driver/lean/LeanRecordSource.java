package io.millrace.load.driver.lean;

import io.millrace.load.driver.TargetUnreachableException;
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
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.NanoClock;

/** Reads a topic back over lean connections, one fetch per partition at a time; owned by the calling thread. */
public final class LeanRecordSource implements RecordSource {
    private static final long CALL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(15);
    private static final long MAX_STALL_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long AWAIT_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int FETCH_LENGTH = 1 << 20;
    private static final int MAX_WAIT_MS = 500;
    private static final short OFFSET_OUT_OF_RANGE = 1;

    private final String bootstrap;
    private final NanoClock clock;

    /**
     * @param bootstrap brokers, host:port with commas
     * @param clock     of the time-outs
     */
    public LeanRecordSource(final String bootstrap, final NanoClock clock) {
        this.bootstrap = bootstrap;
        this.clock = clock;
    }

    @Override
    public void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final Handler handler) {
        try (LeanAdmin admin = new LeanAdmin(bootstrap, LeanDriver.CLIENT_ID, CALL_TIMEOUT_NS);
            Reading reading = new Reading(admin, topic, startOffsets, endOffsets, handler)) {
            reading.run();
        } catch (final LeanClientException ex) {
            throw new TargetUnreachableException(ex.getMessage(), ex);
        }
    }

    /** One pass over all partitions. */
    private final class Reading implements AutoCloseable {
        private final LeanAdmin admin;
        private final TopicName topic;
        private final long[] nextOffsets;
        private final long[] endOffsets;
        private final boolean[] isAsked;
        private final long[] askAgainNs;
        private final boolean[] isOutOfRange;
        private final Handler handler;
        private final LeanSelector selector = new LeanSelector();
        private final Map<String, BrokerReader> brokers = new HashMap<>();
        private final RecordBatchReader reader = new RecordBatchReader(new FrameDecompressor());
        private ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
        private BrokerReader[] leaders;
        private boolean isStale = true;
        private boolean isAnyOutOfRange;
        private long lastProgressNs;

        Reading(
            final LeanAdmin admin,
            final String topic,
            final long[] startOffsets,
            final long[] endOffsets,
            final Handler handler) {
            this.admin = admin;
            this.topic = new TopicName(topic);
            this.nextOffsets = startOffsets.clone();
            this.endOffsets = endOffsets;
            this.isAsked = new boolean[endOffsets.length];
            this.askAgainNs = new long[endOffsets.length];
            this.isOutOfRange = new boolean[endOffsets.length];
            this.handler = handler;
            this.lastProgressNs = clock.nanoTime();
            java.util.Arrays.fill(askAgainNs, lastProgressNs);
        }

        void run() {
            while (!isDone() && !handler.isStopped()) {
                final long nowNs = clock.nanoTime();
                if (nowNs - lastProgressNs > MAX_STALL_NS) {
                    throw new TargetUnreachableException("reading " + topic.name() + " back made no progress for "
                        + TimeUnit.NANOSECONDS.toSeconds(MAX_STALL_NS) + " s at " + where(), null);
                }
                if (isStale) {
                    findLeaders();
                }
                if (isAnyOutOfRange) {
                    passOverDeleted();
                }
                int workCount = ask(nowNs);
                for (final BrokerReader broker : brokers.values()) {
                    workCount += broker.connection.poll(broker);
                }
                if (brokers.values().removeIf(broker -> broker.connection.isClosed())) {
                    isStale = true;
                }
                if (workCount == 0) {
                    selector.await(AWAIT_NS);
                }
            }
        }

        @Override
        public void close() {
            brokers.values().forEach(broker -> CloseHelper.quietClose(broker.connection));
            selector.close();
        }

        private boolean isDone() {
            for (int i = 0; i < endOffsets.length; i++) {
                if (nextOffsets[i] < endOffsets[i]) {
                    return false;
                }
            }
            return true;
        }

        /** Retention deletes from the beginning: what lies before it is gone, and reading goes on there. */
        private void passOverDeleted() {
            isAnyOutOfRange = false;
            final long[] starts = admin.listOffsets(topic.name(), ListOffsets.EARLIEST);
            for (int i = 0; i < endOffsets.length; i++) {
                final long start = Math.min(starts[i], endOffsets[i]);
                if (isOutOfRange[i] && start > nextOffsets[i]) {
                    handler.onDeleted(i, nextOffsets[i], start);
                    nextOffsets[i] = start;
                    lastProgressNs = clock.nanoTime();
                }
                isOutOfRange[i] = false;
            }
        }

        private int ask(final long nowNs) {
            int count = 0;
            for (int i = 0; i < endOffsets.length; i++) {
                final BrokerReader leader = leaders[i];
                if (isAsked[i] || leader == null || nextOffsets[i] >= endOffsets[i] || nowNs - askAgainNs[i] < 0) {
                    continue;
                }
                if (leader.connection.offerFetch(topic, i, nextOffsets[i], MAX_WAIT_MS, 1, FETCH_LENGTH, i)) {
                    isAsked[i] = true;
                    leader.asked[i] = true;
                    count++;
                }
            }
            return count;
        }

        private void findLeaders() {
            final Metadata.Response response = admin.describe(List.of(topic.name()));
            final ClusterView.Snapshot snapshot = ClusterView.Snapshot.of(response, List.of(topic.name()),
                endOffsets.length, 1);
            leaders = new BrokerReader[endOffsets.length];
            isStale = snapshot == null;
            for (int i = 0; i < leaders.length && snapshot != null; i++) {
                final Metadata.Broker leader = snapshot.leader(i);
                leaders[i] = leader == null ? null
                    : brokers.computeIfAbsent(leader.host() + ":" + leader.port(), address -> connect(leader));
                isStale |= leader == null;
            }
        }

        private BrokerReader connect(final Metadata.Broker broker) {
            final BrokerReader made = new BrokerReader(this, new LeanConnection(broker.host(), broker.port(),
                LeanConnectionConfiguration.defaults(LeanDriver.CLIENT_ID), clock), endOffsets.length);
            selector.add(made.connection);
            return made;
        }

        private void onAnswer(final int partition, final short errorCode) {
            isAsked[partition] = false;
            if (errorCode == OFFSET_OUT_OF_RANGE) {
                isOutOfRange[partition] = true;
                isAnyOutOfRange = true;
            }
            if (errorCode != 0) {
                isStale = true;
                askAgainNs[partition] = clock.nanoTime() + RETRY_NS;
            }
        }

        private void onBatches(final int partition, final DirectBuffer buffer, final int index, final int length) {
            final long before = nextOffsets[partition];
            reader.wrap(buffer, index, length);
            try {
                while (nextOffsets[partition] < endOffsets[partition] && reader.nextBatch()) {
                    while (reader.nextRecord()) {
                        if (reader.offset() >= nextOffsets[partition]) {
                            give(partition);
                        }
                    }
                    nextOffsets[partition] = Math.max(nextOffsets[partition], reader.nextOffset());
                }
            } catch (final MalformedRequestException | java.io.UncheckedIOException ex) {
                handler.onDamagedBatch(partition, nextOffsets[partition], String.valueOf(ex.getMessage()));
                // What its header says is all there is to go on by; if that makes no sense, the partition ends here.
                final long behind = reader.nextOffset();
                nextOffsets[partition] = behind > nextOffsets[partition] && behind <= endOffsets[partition]
                    ? behind
                    : endOffsets[partition];
            }
            if (nextOffsets[partition] > before) {
                lastProgressNs = clock.nanoTime();
            }
        }

        private void give(final int partition) {
            final int length = Math.max(0, reader.valueLength());
            if (scratch.capacity() < length) {
                scratch = ByteBuffer.allocate(length);
            }
            reader.recordBuffer().getBytes(reader.valueIndex(), scratch.array(), 0, length);
            handler.onRecord(partition, scratch, 0, length);
        }

        private String where() {
            final StringBuilder text = new StringBuilder();
            for (int i = 0; i < endOffsets.length; i++) {
                if (nextOffsets[i] < endOffsets[i]) {
                    text.append("partition ").append(i).append(" offset ").append(nextOffsets[i]).append(" of ")
                        .append(endOffsets[i]).append(' ');
                }
            }
            return text.toString().trim();
        }
    }

    /** One broker's connection and what was asked of it. */
    private static final class BrokerReader implements LeanResponseHandler {
        private final Reading reading;
        private final LeanConnection connection;
        private final boolean[] asked;

        BrokerReader(final Reading reading, final LeanConnection connection, final int partitions) {
            this.reading = reading;
            this.connection = connection;
            this.asked = new boolean[partitions];
        }

        @Override
        public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
            throw new IllegalStateException("a reading connection produces nothing: " + connection.address());
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
            final int partition = (int) token;
            asked[partition] = false;
            reading.onAnswer(partition, errorCode);
            if (errorCode == 0) {
                reading.onBatches(partition, buffer, index, length);
            }
        }

        @Override
        public void onDisconnect(final String reason) {
            for (int i = 0; i < asked.length; i++) {
                if (asked[i]) {
                    asked[i] = false;
                    reading.onAnswer(i, (short) -1);
                }
            }
        }
    }
}
