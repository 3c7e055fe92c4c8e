package io.millrace.targets.archive;

import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.archive.client.AeronArchive;
import io.millrace.load.driver.Backend;
import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.workload.Workload;
import io.millrace.targets.wire.PeerClient;
import io.millrace.targets.wire.PeerDriver;
import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;

/** Topics as ranges of stream ids, known only while the process that made them lives. May be shared by threads. */
final class ArchiveBackend implements Backend {
    private static final int FIRST_STREAM_ID = 1_000;
    private static final int MAX_TERM_LENGTH = 16 << 20;
    private static final int MIN_TERM_LENGTH = 64 << 10;
    /** Of all partitions' terms together, of which each publication has three. */
    private static final int TERMS_LENGTH = 32 << 20;
    private static final int TERMS_A_RECORD = 8;
    private static final long STOP_TIMEOUT_S = 10;
    private static final long STOP_POLL_NS = 1_000_000L;

    private final String aeronDir;
    private final NanoClock clock;
    private final Map<String, Topic> topics;
    private final AtomicInteger nextStreamId;

    ArchiveBackend(final String aeronDir, final NanoClock clock, final Topics topics) {
        this.aeronDir = aeronDir;
        this.clock = clock;
        this.topics = topics.byName;
        nextStreamId = topics.nextStreamId;
    }

    /**
     * A topic's place.
     *
     * @param firstStreamId of its first partition
     * @param partitions    number of them
     */
    record Topic(int firstStreamId, int partitions) {
    }

    /**
     * All topics of one driver, whose stream ids are used once.
     *
     * @param byName       topics
     * @param nextStreamId that is free
     */
    record Topics(Map<String, Topic> byName, AtomicInteger nextStreamId) {
        static Topics none() {
            return new Topics(new ConcurrentHashMap<>(), new AtomicInteger(FIRST_STREAM_ID));
        }
    }

    @Override
    public TopicAdmin openAdmin() {
        try {
            return new Admin(ArchiveLink.connect(aeronDir));
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new PeerDriver("aeron-archive", workload, topic, runId, clock,
            new Client(termLength(workload.laneCount(), workload.lengths().maxLength())));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    /** A term holds at least eight of the longest records, which is Aeron's limit. */
    static int termLength(final int lanes, final int recordLength) {
        int length = MAX_TERM_LENGTH;
        while (length > MIN_TERM_LENGTH && (long) length * lanes > TERMS_LENGTH
            && length / 2 >= (long) recordLength * TERMS_A_RECORD) {
            length /= 2;
        }
        return length;
    }

    private int streamId(final String topic, final int partition) {
        final Topic found = topics.get(topic);
        if (found == null) {
            throw new TargetRefusedException("aeron archive: topic=" + topic + " is not known to this process", null);
        }
        return found.firstStreamId + partition;
    }

    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        final ArchiveReader.Scratch scratch = new ArchiveReader.Scratch();
        try (ArchiveLink link = ArchiveLink.connect(aeronDir)) {
            final ArchiveReader reader = new ArchiveReader(link);
            for (int p = 0; p < startOffsets.length && !handler.isStopped(); p++) {
                final int partition = p;
                final long[] number = new long[1];
                for (final ArchiveReader.Recording recording : reader.recordings(streamId(topic, p))) {
                    reader.replay(recording.id(), 0, recording.position(), (buffer, index, length, header) -> {
                        final long at = number[0]++;
                        if (at >= startOffsets[partition] && at < endOffsets[partition]) {
                            ArchiveReader.hand(partition, buffer, index, length, scratch, handler);
                        }
                    });
                }
            }
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    /** Opens publications and subscriptions for a run. */
    private final class Client implements PeerClient {
        private final int termLength;

        Client(final int termLength) {
            this.termLength = termLength;
        }

        @Override
        public String description() {
            return "an exclusive publication over shared memory a partition and sending thread, terms of " + termLength
                + " B; acknowledged when its recorded position is passed; consumers read the live stream";
        }

        @Override
        public PublishProtocol publisher(final List<String> names, final int partitions) {
            final int[] streamIds = new int[names.size() * partitions];
            for (int i = 0; i < streamIds.length; i++) {
                streamIds[i] = streamId(names.get(i / partitions), i % partitions);
            }
            return new ArchivePublisher(ArchiveLink.connect(aeronDir), "aeron:ipc?term-length=" + termLength,
                streamIds);
        }

        @Override
        public ConsumerSession consumer(
            final List<String> names, final int partitions, final int[] lanes, final long[] startOffsets) {
            final ArchiveLink link = ArchiveLink.connect(aeronDir);
            final Subscription[] subscriptions = new Subscription[lanes.length];
            for (int i = 0; i < lanes.length; i++) {
                subscriptions[i] = link.aeron().addSubscription("aeron:ipc",
                    streamId(names.get(lanes[i] / partitions), lanes[i] % partitions));
            }
            return new LiveReader(link, subscriptions, lanes);
        }
    }

    /** Reads live streams; owned by the thread that polls it. */
    private static final class LiveReader implements ConsumerSession {
        private static final int FRAGMENT_LIMIT = 64;
        private static final long REST_NS = 50_000L;

        private final ArchiveLink link;
        private final Subscription[] subscriptions;
        private final FragmentAssembler[] assemblers;
        private final ArchiveReader.Scratch scratch = new ArchiveReader.Scratch();
        private RecordSource.Handler handler;
        private int count;

        LiveReader(final ArchiveLink link, final Subscription[] subscriptions, final int[] lanes) {
            this.link = link;
            this.subscriptions = subscriptions;
            assemblers = new FragmentAssembler[subscriptions.length];
            for (int i = 0; i < assemblers.length; i++) {
                final int lane = lanes[i];
                assemblers[i] = new FragmentAssembler((buffer, index, length, header) -> {
                    ArchiveReader.hand(lane, buffer, index, length, scratch, handler);
                    count++;
                });
            }
        }

        @Override
        public int poll(final long maxNs, final RecordSource.Handler to) {
            handler = to;
            count = 0;
            final long deadlineNs = System.nanoTime() + maxNs;
            while (true) {
                for (int i = 0; i < subscriptions.length; i++) {
                    subscriptions[i].poll(assemblers[i], FRAGMENT_LIMIT);
                }
                if (count > 0 || System.nanoTime() - deadlineNs >= 0) {
                    return count;
                }
                LockSupport.parkNanos(REST_NS);
            }
        }

        @Override
        public void close() {
            link.close();
        }
    }

    /** Owned by the thread that sets a run up. */
    private final class Admin implements TopicAdmin {
        private final ArchiveLink link;
        /** Counting means replaying: each recording goes on from where it was counted to. */
        private final Map<Long, long[]> counted = new HashMap<>();

        Admin(final ArchiveLink link) {
            this.link = link;
        }

        @Override
        public List<InetSocketAddress> brokers() {
            return List.of();
        }

        @Override
        public boolean hasReplicas() {
            return false;
        }

        @Override
        public int partitionCount(final String topic) {
            final Topic found = topics.get(topic);
            return found == null ? 0 : found.partitions;
        }

        @Override
        public void create(
            final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
            if (!configs.isEmpty()) {
                throw new TargetRefusedException("topic: configs=" + configs.keySet() + " are nothing a recording has; "
                    + "leave them out", null);
            }
            topics.put(topic, new Topic(nextStreamId.getAndAdd(partitions), partitions));
        }

        @Override
        public Map<String, String> configs(final String topic) {
            return Map.of();
        }

        @Override
        public void delete(final String topic) {
            final Topic found = topics.remove(topic);
            for (int p = 0; found != null && p < found.partitions; p++) {
                for (final ArchiveReader.Recording recording
                    : new ArchiveReader(link).recordings(found.firstStreamId + p)) {
                    link.archive().tryStopRecordingByIdentity(recording.id());
                    awaitStopped(recording.id());
                    link.archive().purgeRecording(recording.id());
                }
            }
        }

        @Override
        public long[] endOffsets(final String topic, final int partitions) {
            final ArchiveReader reader = new ArchiveReader(link);
            final long[] ends = new long[partitions];
            for (int p = 0; p < partitions; p++) {
                for (final ArchiveReader.Recording recording : reader.recordings(streamId(topic, p))) {
                    final long[] state = counted.computeIfAbsent(recording.id(), id -> new long[2]);
                    reader.replay(recording.id(), state[0], recording.position(),
                        (buffer, index, length, header) -> state[1]++);
                    state[0] = recording.position();
                    ends[p] += state[1];
                }
            }
            return ends;
        }

        @Override
        public void close() {
            link.close();
        }

        private void awaitStopped(final long recordingId) {
            final long deadline = Wire.deadline(STOP_TIMEOUT_S);
            while (link.archive().getStopPosition(recordingId) == AeronArchive.NULL_POSITION
                && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(STOP_POLL_NS);
            }
        }
    }
}
