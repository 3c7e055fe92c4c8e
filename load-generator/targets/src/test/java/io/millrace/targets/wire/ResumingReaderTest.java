package io.millrace.targets.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ResumingReaderTest implements RecordSource.Handler {
    private final List<String> opened = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();
    private int refusals;
    private boolean isClosed;

    @Test
    void shouldGoOnBehindTheLastRecordWhenTheServerIsLost() {
        try (ResumingReader reader =
            new ResumingReader(new int[] {4, 7}, new long[] {10, 20}, this::open, () -> isClosed = true)) {
            assertEquals(3, reader.poll(1, this));
            refusals = 2;
            assertEquals(0, reader.poll(1, this), "lost");
            final long deadline = Wire.deadline(60);
            while (taken.size() < 6 && System.nanoTime() - deadline < 0) {
                reader.poll(1_000_000, this);
            }
        }
        assertEquals(List.of("[10, 20]", "[12, 21]"), opened);
        assertEquals(List.of(4, 7, 4, 4, 7, 4), taken);
        assertTrue(isClosed);
    }

    @Test
    void shouldThrowWhenTheFirstConnectionFails() {
        refusals = 1;
        assertThrows(Wire.WireException.class, () -> new ResumingReader(new int[] {0}, new long[] {0}, this::open));
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        taken.add(partition);
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        throw new AssertionError(reason);
    }

    @Override
    public boolean isStopped() {
        return false;
    }

    private ConsumerSession open(final int[] lanes, final long[] offsets) {
        if (refusals > 0) {
            refusals--;
            throw new Wire.WireException("nobody is there", null);
        }
        opened.add(Arrays.toString(offsets));
        return new ConsumerSession() {
            private boolean isFirst = true;

            @Override
            public int poll(final long maxNs, final RecordSource.Handler handler) {
                if (!isFirst) {
                    throw new Wire.WireException("cut", null);
                }
                isFirst = false;
                for (final int lane : new int[] {4, 7, 4}) {
                    handler.onRecord(lane, null, 0, 0);
                }
                return 3;
            }

            @Override
            public void close() {
            }
        };
    }
}
