package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.RecordSource;
import io.millrace.load.workload.RecordHeader;
import io.millrace.targets.file.FileStore;
import io.millrace.targets.store.LaneStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;

/**
 * What consumers have taken off queues, in files: a queue forgets what is taken, and every record is to be looked at
 * once more at the end. Each queue is written by the thread of its consumer and read by the one that verifies.
 */
final class Spool {
    private static final long IDLE_NS = 5_000_000_000L;
    private static final long POLL_NS = 20_000_000L;
    private static final int READ_COUNT = 1_000;

    private final Path root;
    private final FileStore store = new FileStore();
    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();

    /**
     * @param root directory of all queues
     */
    Spool(final Path root) {
        this.root = root;
    }

    /** {@return records of a queue that consumers have taken} */
    long count(final String queue) {
        final AtomicLong count = counts.get(queue);
        return count == null ? 0 : count.get();
    }

    /** {@return true if a queue has, or had, a consumer} */
    boolean has(final String queue) {
        return counts.containsKey(queue);
    }

    /** {@return what takes the records of a consumer's queues} */
    Writer writer(final String[] queues) {
        return new Writer(queues);
    }

    /**
     * Reads until all is read or nothing comes any more.
     *
     * @param queue     to read
     * @param partition to tell
     * @param count     of records
     * @param handler   takes them
     * @return records that are missing
     */
    long read(final String queue, final int partition, final long count, final RecordSource.Handler handler) {
        long left = count;
        try (LaneStore.Reader reader = store.reader(root.resolve(queue))) {
            long lastNs = System.nanoTime();
            while (left > 0 && !handler.isStopped() && System.nanoTime() - lastNs < IDLE_NS) {
                final int taken = reader.read(partition, (int) Math.min(left, READ_COUNT), handler);
                left -= taken;
                if (taken > 0) {
                    lastNs = System.nanoTime();
                } else {
                    LockSupport.parkNanos(POLL_NS); // its consumer still takes
                }
            }
        }
        return left;
    }

    /** Keeps records of some queues; owned by the thread that consumes them, and outlives a lost connection. */
    final class Writer implements AutoCloseable {
        private final LaneStore.Appender[] appenders;
        private final AtomicLong[] counted;
        private final int[] pending;
        /** Last sequence of each producer, by queue. */
        private final Map<Integer, Integer>[] sequences;

        @SuppressWarnings({"unchecked", "rawtypes"})
        private Writer(final String[] queues) {
            appenders = new LaneStore.Appender[queues.length];
            counted = new AtomicLong[queues.length];
            pending = new int[queues.length];
            sequences = new Map[queues.length];
            for (int i = 0; i < queues.length; i++) {
                try {
                    appenders[i] = store.appender(Files.createDirectories(root.resolve(queues[i])), false);
                } catch (final IOException ex) {
                    throw new UncheckedIOException("cannot make a directory in " + root, ex);
                }
                counted[i] = counts.computeIfAbsent(queues[i], name -> new AtomicLong());
                sequences[i] = new HashMap<>();
            }
        }

        /**
         * {@return false if it is a record that was taken before, and comes again because its acknowledgement was lost}
         *
         * @param place         of the queue
         * @param isRedelivered as the server says
         * @param buffer        holds the record
         * @param index         of its first byte
         * @param length        of it
         */
        boolean keep(
            final int place, final boolean isRedelivered, final ByteBuffer buffer, final int index, final int length) {
            if (length >= RecordHeader.LENGTH) {
                final int producer = RecordHeader.producerId(buffer, index);
                final int sequence = RecordHeader.sequence(buffer, index);
                final Integer last = sequences[place].get(producer);
                if (isRedelivered && last != null && sequence <= last) {
                    return false;
                }
                sequences[place].put(producer, sequence);
            }
            appenders[place].append(buffer.slice(index, length), length);
            pending[place]++;
            return true;
        }

        /** Hands everything to the files; only then may it be acknowledged. */
        void commit() {
            for (int i = 0; i < pending.length; i++) {
                if (pending[i] > 0) {
                    appenders[i].commit();
                    counted[i].addAndGet(pending[i]);
                    pending[i] = 0;
                }
            }
        }

        @Override
        public void close() {
            CloseHelper.closeAll(appenders);
        }
    }
}
