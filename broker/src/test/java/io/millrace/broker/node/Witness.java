package io.millrace.broker.node;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A client that behaves, on an old connection and on new ones: it writes a record and reads it, over and over. */
final class Witness implements AutoCloseable {
    private static final short PRODUCE_VERSION = 9;
    private static final short FETCH_VERSION = 12;
    private static final int TIMEOUT_MS = 60_000;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(90);

    private final int port;
    private final String topic;
    private final Thread thread = new Thread(this::run, "witness");
    private volatile long roundCount;
    private volatile Throwable failure;
    private volatile boolean isRunning = true;
    private int correlationId;

    Witness(final int port, final String topic) {
        this.port = port;
        this.topic = topic;
        thread.start();
    }

    /** Returns when it was served a few times from now on. */
    void awaitServed() {
        final long until = roundCount + 3;
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (roundCount < until) {
            if (failure != null) {
                throw new AssertionError("another client was not served", failure);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("another client was not served in time");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void run() {
        try (Socket old = connect()) {
            while (isRunning) {
                round(old);
                try (Socket fresh = connect()) {
                    round(fresh);
                }
                roundCount++;
                LockSupport.parkNanos(2_000_000);
            }
        } catch (final IOException | RuntimeException | AssertionError ex) {
            failure = ex;
        }
    }

    private Socket connect() throws IOException {
        final Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void round(final Socket socket) throws IOException {
        final long offset = produce(socket);
        final FetchRequestData request = new FetchRequestData().setMaxWaitMs(TIMEOUT_MS).setMinBytes(1)
            .setMaxBytes(1000).setTopics(List.of(new FetchRequestData.FetchTopic().setTopic(topic).setPartitions(
                List.of(new FetchRequestData.FetchPartition().setPartition(0).setFetchOffset(offset)
                    .setPartitionMaxBytes(1000)))));
        final FetchResponseData response = new FetchResponseData(
            exchange(socket, ApiMessageType.FETCH, FETCH_VERSION, request), FETCH_VERSION);
        final FetchResponseData.PartitionData partition = response.responses().get(0).partitions().get(0);
        if (partition.errorCode() != 0 || partition.records().sizeInBytes() == 0) {
            throw new AssertionError("not read back: offset=" + offset + " answer=" + partition);
        }
    }

    private long produce(final Socket socket) throws IOException {
        final MemoryRecords records = MemoryRecords.withRecords(
            0, Compression.NONE, new SimpleRecord(System.currentTimeMillis(), new byte[10])); // or retention takes it
        final ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(TIMEOUT_MS);
        final ProduceRequestData.TopicProduceData data = new ProduceRequestData.TopicProduceData().setName(topic);
        data.partitionData().add(new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(records));
        request.topicData().add(data);
        final ProduceResponseData response = new ProduceResponseData(
            exchange(socket, ApiMessageType.PRODUCE, PRODUCE_VERSION, request), PRODUCE_VERSION);
        final ProduceResponseData.PartitionProduceResponse partition =
            response.responses().iterator().next().partitionResponses().get(0);
        if (partition.errorCode() != 0) {
            throw new AssertionError("not written: " + partition);
        }
        return partition.baseOffset();
    }

    private ByteBufferAccessor exchange(
        final Socket socket, final ApiMessageType type, final int version, final Message request)
        throws IOException {
        final int id = ++correlationId;
        socket.getOutputStream().write(RandomRequests.frame(type, version, id, request));
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final byte[] reply = new byte[in.readInt()];
        in.readFully(reply);
        final ByteBuffer buffer = ByteBuffer.wrap(reply);
        if (buffer.getInt() != id || buffer.get() != 0) {
            throw new AssertionError("not the reply to this request");
        }
        return new ByteBufferAccessor(buffer);
    }

    @Override
    public void close() {
        isRunning = false;
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(DEADLINE_NS));
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError("another client was not served", failure);
        }
    }
}
