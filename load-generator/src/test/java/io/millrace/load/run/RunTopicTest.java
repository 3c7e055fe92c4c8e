package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.record.Ledger;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A topic that others write to as well. */
class RunTopicTest {
    private static final int OWN = 5;
    private static final long TICK_NS = 400_000_000L;

    private int asked;
    private long readTo;
    private long nowNs;
    private LongUnaryOperator endOf;

    @Test
    void shouldNotTakeOthersRecordsForItsOwnWhenItWaitsForAll() {
        endOf = question -> question == 0 ? OWN : 2 * OWN;
        verify();
        assertEquals(2 * OWN, readTo, "as many of others came first");
    }

    @Test
    @Timeout(120)
    void shouldNotWaitForEverWhenOthersGoOnWriting() {
        endOf = question -> OWN * (question + 1);
        verify();
        assertTrue(readTo > 2 * OWN, "for a while it waits: " + readTo);
    }

    private void verify() {
        final Workload workload = new WorkloadBuilder().set("topic", "t").set("partitions", "1").build();
        final Ledger ledger = new Ledger(1, 1);
        for (int i = 0; i < OWN; i++) {
            ledger.onSent(0, 0, i);
            ledger.onAcked(0, 0, i);
        }
        final Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream()), true);
        try (RunTopic topic = RunTopic.given(new Admin(), workload, new long[1], silent)) {
            topic.verify(new Reader(), ledger, 1, workload.lengths(), new StopSignal(), () -> nowNs += TICK_NS);
        }
    }

    /** Its end is asked for again and again. */
    private final class Admin implements TopicAdmin {
        @Override
        public List<InetSocketAddress> brokers() {
            return List.of();
        }

        @Override
        public int partitionCount(final String topic) {
            return 1;
        }

        @Override
        public void create(
            final String topic, final int partitions, final int replicas, final Map<String, String> configs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, String> configs(final String topic) {
            return Map.of();
        }

        @Override
        public void delete(final String topic) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long[] endOffsets(final String topic, final int partitions) {
            return new long[] {endOf.applyAsLong(asked++)};
        }

        @Override
        public void close() {
        }
    }

    private final class Reader implements Backend {
        @Override
        public TopicAdmin openAdmin() {
            return new Admin();
        }

        @Override
        public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RecordSource openSource() {
            return (topic, starts, ends, handler) -> readTo = ends[0];
        }
    }
}
