package io.millrace.drivers.chronicle;

import io.millrace.load.driver.RecordSource;
import io.millrace.targets.store.LaneStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/** A queue a partition, with the library's defaults but for its fast daily cycle; no appender or reader is shared. */
public final class ChronicleStore implements LaneStore {
    private static final int FIRST_LENGTH = 4 << 10;

    /** Found by {@link java.util.ServiceLoader}. */
    public ChronicleStore() {
    }

    @Override
    public String version() {
        final String version = ChronicleQueue.class.getPackage().getImplementationVersion();
        return "Chronicle Queue" + (version == null ? "" : " " + version);
    }

    @Override
    public Appender appender(final Path directory, final boolean isSynced) {
        if (isSynced) {
            throw new IllegalArgumentException("Chronicle Queue does not sync");
        }
        return new QueueAppender(open(directory));
    }

    @Override
    public Reader reader(final Path directory) {
        return new QueueReader(open(directory));
    }

    private static ChronicleQueue open(final Path directory) {
        return SingleChronicleQueueBuilder.binary(directory).rollCycle(RollCycles.FAST_DAILY).build();
    }

    /** Owned by the sending thread, although the thread that sets a run up makes it. */
    private static final class QueueAppender implements Appender {
        private final ChronicleQueue queue;
        private final ExcerptAppender appender;
        private final Bytes<ByteBuffer> bytes = Bytes.elasticByteBuffer(FIRST_LENGTH);

        QueueAppender(final ChronicleQueue queue) {
            this.queue = queue;
            appender = queue.createAppender();
            appender.singleThreadedCheckDisabled(true);
            bytes.singleThreadedCheckDisabled(true);
        }

        @Override
        public void append(final ByteBuffer record, final int length) {
            bytes.clear();
            bytes.writeSome(record.limit(length).position(0));
            appender.writeBytes(bytes);
        }

        @Override
        public void commit() {
            // append has made it visible
        }

        @Override
        public void close() {
            appender.close();
            queue.close();
            bytes.releaseLast();
        }
    }

    /** Owned by the thread that reads, although another may have made it. */
    private static final class QueueReader implements Reader {
        private final ChronicleQueue queue;
        private final ExcerptTailer tailer;
        private final Bytes<ByteBuffer> bytes = Bytes.elasticByteBuffer(FIRST_LENGTH);

        QueueReader(final ChronicleQueue queue) {
            this.queue = queue;
            tailer = queue.createTailer();
            tailer.singleThreadedCheckDisabled(true);
            bytes.singleThreadedCheckDisabled(true);
        }

        @Override
        public long skip(final long maxCount) {
            long count = 0;
            while (count < maxCount && next()) {
                count++;
            }
            return count;
        }

        @Override
        public int read(final int partition, final int maxCount, final RecordSource.Handler handler) {
            int count = 0;
            while (count < maxCount && next()) {
                final ByteBuffer buffer = bytes.underlyingObject();
                handler.onRecord(partition, buffer, 0, (int) bytes.readRemaining());
                buffer.clear();
                count++;
            }
            return count;
        }

        @Override
        public void close() {
            tailer.close();
            queue.close();
            bytes.releaseLast();
        }

        private boolean next() {
            bytes.clear();
            return tailer.readBytes(bytes);
        }
    }
}
