package io.millrace.transport.kafka.codec;

import io.millrace.engine.rig.Flags;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does reading a Produce request cost, in time and in garbage ({@code -prof gc}), with the cursor that
 * walks the received bytes and with kafka-clients' classes: the generated messages ({@link #kafkaClients()}), or these
 * in the objects that Kafka's broker hands on ({@link #kafkaRequests()})? Header and body are read, every partition is
 * visited and the place and length of its batch are taken; nobody looks into the batch. Baseline:
 * {@link #baselineOneField()}, one field of the header, which is what the harness costs.
 *
 * <p>What it hides: the request is the same each time and lies in the cache, its topic names are short, and the garbage
 * is young when it is collected; on a broker it is as young but there is more else in the cache. What a handler makes
 * of the request, and the response, are not in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class ProduceDecodeBenchmark {
    private static final short VERSION = 8;
    private static final short HEADER_VERSION = 1;

    /** Partitions in the request, all of one topic. */
    @Param({"1", "10"})
    private int partitionCount;

    /** Length of each partition's batch. */
    @Param({"1024", "16384"})
    private int batchLength;

    private final RequestHeader header = new RequestHeader();
    private final ProduceRequestCursor cursor = new ProduceRequestCursor();
    private UnsafeBuffer request;
    private ByteBuffer requestBytes;

    /** Writes the request as a client does. */
    @Setup
    public void encode() {
        final ByteBuffer head = MessageUtil.toByteBufferAccessor(new RequestHeaderData()
            .setRequestApiKey(ApiTable.PRODUCE).setRequestApiVersion(VERSION).setCorrelationId(7)
            .setClientId("producer-1"), HEADER_VERSION).buffer();
        final ProduceRequestData.TopicProduceData topic =
            new ProduceRequestData.TopicProduceData().setName("orders");
        for (int i = 0; i < partitionCount; i++) {
            topic.partitionData().add(new ProduceRequestData.PartitionProduceData().setIndex(i)
                .setRecords(MemoryRecords.readableRecords(ByteBuffer.allocate(batchLength))));
        }
        final ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        data.topicData().add(topic);
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(data, VERSION).buffer();
        requestBytes = ByteBuffer.allocateDirect(head.remaining() + body.remaining()).put(head).put(body).flip();
        request = new UnsafeBuffer(requestBytes);
    }

    /** {@return the sum of what a broker needs to know} */
    @Benchmark
    public long cursor() {
        header.wrap(request, 0, request.capacity());
        cursor.wrap(header.apiVersion(), request, header.bodyIndex(), header.bodyLength());
        long sum = header.correlationId() + cursor.acks() + cursor.timeoutMs();
        while (cursor.next()) {
            sum += cursor.partitionId() + cursor.topicLength() + cursor.recordsIndex() + cursor.recordsLength();
        }
        return sum;
    }

    /** {@return the sum of what a broker needs to know} */
    @Benchmark
    public long kafkaClients() {
        final ByteBufferAccessor readable = new ByteBufferAccessor(requestBytes.duplicate());
        final RequestHeaderData head = new RequestHeaderData(readable, HEADER_VERSION);
        final ProduceRequestData data = new ProduceRequestData(readable, head.requestApiVersion());
        return head.correlationId() + sum(data);
    }

    /** {@return the sum of what a broker needs to know} As Kafka's own broker does it, with its wrapper objects. */
    @Benchmark
    public long kafkaRequests() {
        final ByteBuffer bytes = requestBytes.duplicate();
        final org.apache.kafka.common.requests.RequestHeader head =
            org.apache.kafka.common.requests.RequestHeader.parse(bytes);
        final ProduceRequestData data =
            ProduceRequest.parse(new ByteBufferAccessor(bytes), head.apiVersion()).data();
        return head.correlationId() + sum(data);
    }

    /** {@return the correlation id} */
    @Benchmark
    public int baselineOneField() {
        return request.getInt(2 * Short.BYTES);
    }

    private static long sum(final ProduceRequestData data) {
        long sum = data.acks() + data.timeoutMs();
        for (final ProduceRequestData.TopicProduceData topic : data.topicData()) {
            for (final ProduceRequestData.PartitionProduceData partition : topic.partitionData()) {
                final BaseRecords records = partition.records();
                sum += partition.index() + topic.name().length() + records.sizeInBytes();
            }
        }
        return sum;
    }
}
