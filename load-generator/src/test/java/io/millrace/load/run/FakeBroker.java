package io.millrace.load.run;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.codec.FetchRequestCursor;
import io.millrace.transport.kafka.codec.FetchResponseEncoder;
import io.millrace.transport.kafka.codec.ListOffsetsCodec;
import io.millrace.transport.kafka.codec.ProduceRequestCursor;
import io.millrace.transport.kafka.codec.ProduceResponseEncoder;
import io.millrace.transport.kafka.codec.ProducerIdCodec;
import io.millrace.transport.kafka.codec.RequestHeader;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.server.KafkaServerAgent;
import io.millrace.transport.kafka.server.KafkaServerContext;
import io.millrace.transport.kafka.server.ReplySlot;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;

/**
 * One broker with one topic in memory, with the sequence checks of a real one, that fails Produce requests as a script
 * says. All state belongs to its network thread, but for what a test reads after {@link #close()}.
 */
final class FakeBroker implements RequestHandler, AutoCloseable {
    /** What becomes of one Produce request. */
    enum Fault {
        /** Nothing. */
        NONE,
        /** Refused with NOT_LEADER_OR_FOLLOWER. */
        NOT_LEADER,
        /** Not appended, and the connection is closed. */
        DROP,
        /** Appended, but the connection is closed before the answer. */
        LOST_ANSWER,
        /** Appended, but answered with REQUEST_TIMED_OUT. */
        TIMED_OUT,
        /** Refused for good, with INVALID_RECORD. */
        REFUSE,
        /** Acknowledged, and thrown away: what a broker must never do. */
        LOSE,
        /** Appended twice. */
        DOUBLE
    }

    final Map<String, Integer> deletedTopics = new TreeMap<>();
    volatile int produceCount;
    /** Of every partition: what lies before is deleted. */
    volatile long logStart;

    private final KafkaServerAgent agent;
    private final Thread thread;
    private final LongFunction<Fault> script;
    private final Map<String, Partition[]> topics = new HashMap<>();
    private final ProduceRequestCursor produce = new ProduceRequestCursor();
    private final ProduceResponseEncoder produceResponse = new ProduceResponseEncoder();
    private final FetchRequestCursor fetch = new FetchRequestCursor();
    private final FetchResponseEncoder fetchResponse = new FetchResponseEncoder();
    private long nextProducerId = 1_000;
    private volatile boolean isRunning = true;

    FakeBroker(final LongFunction<Fault> script) {
        this.script = script;
        agent = new KafkaServerAgent(new KafkaServerContext().port(0), this);
        agent.bind();
        thread = new Thread(this::run, "fake-broker");
        thread.start();
    }

    String address() {
        return "127.0.0.1:" + agent.port();
    }

    @Override
    public void close() {
        isRunning = false;
        agent.wakeup();
        try {
            thread.join(20_000);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public int onRequest(
        final RequestHeader header,
        final DirectBuffer buffer,
        final int index,
        final int length,
        final ReplySlot slot) {
        final int version = header.apiVersion();
        switch (header.apiKey()) {
            case ApiTable.PRODUCE -> onProduce(version, buffer, index, length, slot);
            case ApiTable.FETCH -> onFetch(version, buffer, index, length, slot);
            case ApiTable.METADATA -> slot.complete(ClusterCodec.encode(version,
                metadata(ClusterCodec.decodeMetadata(version, buffer, index, length)), slot));
            case ApiTable.CREATE_TOPICS -> slot.complete(TopicCodec.encode(version,
                create(TopicCodec.decodeCreateTopics(version, buffer, index, length)), slot));
            case ApiTable.DELETE_TOPICS -> slot.complete(TopicCodec.encode(version,
                delete(TopicCodec.decodeDeleteTopics(version, buffer, index, length)), slot));
            case ApiTable.LIST_OFFSETS -> slot.complete(ListOffsetsCodec.encode(version,
                offsets(ListOffsetsCodec.decodeListOffsets(version, buffer, index, length)), slot));
            case ApiTable.INIT_PRODUCER_ID -> slot.complete(ProducerIdCodec.encode(version,
                new InitProducerId.Response((short) 0, nextProducerId++, (short) 0), slot));
            case ApiTable.DESCRIBE_CONFIGS -> slot.complete(ConfigCodec.encode(version,
                new DescribeConfigs.Response(List.of(new DescribeConfigs.ResponseResource((short) 0, null, (byte) 2,
                    "t", List.of()))), slot));
            default -> slot.fail("not scripted");
        }
        return ACCEPTED;
    }

    @Override
    public void onAbandoned(final ReplySlot slot) {
        slot.completeWithoutReply();
    }

    @Override
    public void onExpired(final ReplySlot slot) {
        slot.completeWithoutReply();
    }

    @Override
    public int doWork(final long nowNs) {
        return 0;
    }

    private void run() {
        final IdleStrategy idle = agent.idleStrategy();
        while (isRunning) {
            idle.idle(agent.doWork());
        }
        agent.onClose();
    }

    private void onProduce(
        final int version, final DirectBuffer buffer, final int index, final int length, final ReplySlot slot) {
        produce.wrap(version, buffer, index, length);
        produce.next();
        final Fault fault = script.apply(produceCount++);
        final Partition[] topic = topics.get(name(buffer, produce.topicIndex(), produce.topicLength()));
        if (fault == Fault.DROP || topic == null) {
            slot.fail("scripted");
            return;
        }
        final byte[] batch = new byte[produce.recordsLength()];
        buffer.getBytes(produce.recordsIndex(), batch);
        short error = switch (fault) {
            case NOT_LEADER -> 6;
            case REFUSE -> 87;
            default -> 0;
        };
        long offset = -1;
        if (error == 0 && fault != Fault.LOSE) {
            offset = topic[produce.partitionId()].append(ByteBuffer.wrap(batch), fault == Fault.DOUBLE);
            error = offset < 0 ? (short) 45 : fault == Fault.TIMED_OUT ? (short) 7 : (short) 0;
        }
        if (fault == Fault.LOST_ANSWER) {
            slot.fail("scripted");
            return;
        }
        if (produce.acks() == 0) {
            slot.completeWithoutReply();
            return;
        }
        produceResponse.begin(slot, version, 1);
        produceResponse.topic(buffer, produce.topicIndex(), produce.topicLength(), 1);
        final int entry = produceResponse.partition(produce.partitionId());
        ProduceResponseEncoder.patch(slot.ensureCapacity(0), version, entry, error, offset, 0);
        slot.complete(produceResponse.end());
    }

    private void onFetch(
        final int version, final DirectBuffer buffer, final int index, final int length, final ReplySlot slot) {
        fetch.wrap(version, buffer, index, length);
        fetch.next();
        final Partition partition =
            topics.get(name(buffer, fetch.topicIndex(), fetch.topicLength()))[fetch.partitionId()];
        fetchResponse.begin(slot, version, (short) 0, 1);
        fetchResponse.topic(buffer, fetch.topicIndex(), fetch.topicLength(), 1);
        final boolean isDeleted = fetch.fetchOffset() < logStart;
        fetchResponse.partition(
            fetch.partitionId(), (short) (isDeleted ? 1 : 0), isDeleted ? -1 : partition.nextOffset, logStart);
        int left = isDeleted ? -1 : 100_000;
        for (final byte[] batch : partition.batches.tailMap(fetch.fetchOffset(), true).values()) {
            if (left < 0) {
                break;
            }
            fetchResponse.batch(new MemoryFile(batch), 0, batch.length);
            left -= batch.length;
        }
        slot.complete(fetchResponse.end(), released -> { });
    }

    private Metadata.Response metadata(final Metadata.Request request) {
        final List<Metadata.Topic> found = new ArrayList<>();
        final List<String> names = request.topics() == null ? List.copyOf(topics.keySet())
            : request.topics().stream().map(Metadata.RequestTopic::name).toList();
        for (final String name : names) {
            final List<Metadata.Partition> partitions = new ArrayList<>();
            final int count = topics.containsKey(name) ? topics.get(name).length : 0;
            for (int i = 0; i < count; i++) {
                partitions.add(new Metadata.Partition((short) 0, i, 1, 0, List.of(1), List.of(1), List.of()));
            }
            found.add(new Metadata.Topic((short) (count == 0 ? 3 : 0), name, false, partitions));
        }
        return new Metadata.Response(List.of(new Metadata.Broker(1, "127.0.0.1", agent.port())), "fake", 1, found);
    }

    private CreateTopics.Response create(final CreateTopics.Request request) {
        final CreateTopics.RequestTopic topic = request.topics().get(0);
        final Partition[] partitions = new Partition[topic.partitionCount()];
        Arrays.setAll(partitions, i -> new Partition());
        topics.put(topic.name(), partitions);
        return new CreateTopics.Response(List.of(new CreateTopics.ResponseTopic(topic.name(), (short) 0, null)));
    }

    private DeleteTopics.Response delete(final DeleteTopics.Request request) {
        final String name = request.topics().get(0).name();
        topics.remove(name);
        deletedTopics.merge(name, 1, Integer::sum);
        return new DeleteTopics.Response(List.of(new DeleteTopics.ResponseTopic(name, (short) 0)));
    }

    private ListOffsets.Response offsets(final ListOffsets.Request request) {
        final ListOffsets.RequestTopic topic = request.topics().get(0);
        final int partition = topic.partitions().get(0).partitionId();
        final long offset = topic.partitions().get(0).timestampMs() == ListOffsets.EARLIEST ? logStart
            : topics.get(topic.name())[partition].nextOffset;
        return new ListOffsets.Response(List.of(new ListOffsets.ResponseTopic(topic.name(), List.of(
            new ListOffsets.ResponsePartition(partition, (short) 0, -1, offset, 0)))));
    }

    private static String name(final DirectBuffer buffer, final int index, final int length) {
        return buffer.getStringWithoutLengthUtf8(index, length);
    }

    /** One partition's batches by last offset, and what it knows of producers. */
    private static final class Partition {
        private final TreeMap<Long, byte[]> batches = new TreeMap<>();
        private final Map<Long, List<int[]>> recent = new HashMap<>();
        private long nextOffset;

        /** {@return its offset, or -1 if it is out of order} */
        long append(final ByteBuffer batch, final boolean isDoubled) {
            batch.order(BIG_ENDIAN);
            final long producerId = batch.getLong(43);
            final int first = batch.getInt(53);
            final int count = batch.getInt(57);
            if (producerId >= 0) {
                final List<int[]> known = recent.computeIfAbsent(producerId, id -> new ArrayList<>());
                for (final int[] entry : known) {
                    if (entry[0] == first && entry[1] == first + count - 1) {
                        return entry[2];
                    }
                }
                if (!known.isEmpty() && first != known.get(known.size() - 1)[1] + 1) {
                    return -1;
                }
                known.add(new int[] {first, first + count - 1, (int) nextOffset});
                if (known.size() > 5) {
                    known.remove(0);
                }
            }
            final long offset = nextOffset;
            store(batch.array().clone(), count);
            if (isDoubled) {
                store(batch.array().clone(), count);
            }
            return offset;
        }

        private void store(final byte[] bytes, final int count) {
            ByteBuffer.wrap(bytes).putLong(0, nextOffset);
            nextOffset += count;
            batches.put(nextOffset - 1, bytes);
        }
    }

    /** A batch as the server wants it. */
    private record MemoryFile(byte[] content) implements LogFile {
        @Override
        public int write(final ByteBuffer source, final long fileOffset) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(final ByteBuffer target, final long fileOffset) {
            final int length = Math.min(target.remaining(), content.length - (int) fileOffset);
            target.put(content, (int) fileOffset, length);
            return length;
        }

        @Override
        public long transferTo(final long fileOffset, final long length, final WritableByteChannel target) {
            try {
                return target.write(ByteBuffer.wrap(content, (int) fileOffset, (int) length));
            } catch (final IOException ex) {
                throw new UncheckedIOException(ex);
            }
        }

        @Override
        public void sync() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long length() {
            return content.length;
        }

        @Override
        public void truncate(final long length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
