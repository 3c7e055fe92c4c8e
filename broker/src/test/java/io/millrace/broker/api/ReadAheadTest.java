package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.engine.io.LogFile;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final int BATCH_LENGTH = 16 * 1024;
    private static final long WINDOW_LENGTH = ReadAhead.WINDOW_LENGTH;

    private final List<Long> loaded = new ArrayList<>();
    private final LogFile file = file();
    private boolean isRejecting;
    private final ReadAhead readAhead = new ReadAhead((task) -> {
        if (isRejecting) {
            throw new RejectedExecutionException();
        }
        task.run();
    });

    @Test
    void shouldReadTheNextWindowOnceWhenBatchesThatLieTogetherEnterOne() {
        read(WINDOW_LENGTH / 2, 64, BATCH_LENGTH + 64);
        assertEquals(List.of(), loaded);
        read(WINDOW_LENGTH - BATCH_LENGTH, 64, BATCH_LENGTH + 64);
        assertEquals(List.of(WINDOW_LENGTH, 2 * WINDOW_LENGTH), loaded);
        read(WINDOW_LENGTH, 4, BATCH_LENGTH + 64); // another who reads the same
        assertEquals(List.of(WINDOW_LENGTH, 2 * WINDOW_LENGTH), loaded);
    }

    @Test
    void shouldReadTheNextWindowWhenBatchesAreLong() {
        readAhead.begin();
        readAhead.onBatch(file, WINDOW_LENGTH - 1, 1 << 20);
        readAhead.onBatch(file, WINDOW_LENGTH - 1 + (1 << 20) + 64, 1 << 20);
        assertEquals(List.of(WINDOW_LENGTH, 2 * WINDOW_LENGTH), loaded);
    }

    @Test
    void shouldReadEachWindowOnceAheadOfWhoeverReadsScatteredBatches() {
        read(0, 4, 1 << 20);
        assertEquals(List.of(0L, WINDOW_LENGTH), loaded);
        read(BATCH_LENGTH, 4, 1 << 20); // another partition in the same stretch
        assertEquals(List.of(0L, WINDOW_LENGTH), loaded);
        read(4 << 20, 12, 1 << 20);
        assertEquals(List.of(0L, WINDOW_LENGTH, 2 * WINDOW_LENGTH), loaded);
    }

    @Test
    void shouldAskAgainWhenTheOtherThreadHadNoRoom() {
        isRejecting = true;
        read(0, 4, 1 << 20);
        isRejecting = false;
        read(2 * WINDOW_LENGTH, 3, 1 << 20);
        read(0, 4, 1 << 20);
        assertEquals(List.of(2 * WINDOW_LENGTH, 3 * WINDOW_LENGTH, 0L, WINDOW_LENGTH), loaded);
    }

    private void read(final long from, final int count, final int stride) {
        readAhead.begin();
        for (int i = 0; i < count; i++) {
            readAhead.onBatch(file, from + (long) i * stride, BATCH_LENGTH);
        }
    }

    private LogFile file() {
        return (LogFile) Proxy.newProxyInstance(LogFile.class.getClassLoader(), new Class<?>[] {LogFile.class},
            (proxy, method, arguments) -> {
                if (method.getName().equals("bringToMemory")) {
                    assertEquals(WINDOW_LENGTH, ((Number) arguments[1]).longValue());
                    loaded.add((Long) arguments[0]);
                }
                return null;
            });
    }
}
