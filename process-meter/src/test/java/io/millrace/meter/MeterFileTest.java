package io.millrace.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeterFileTest {
    private static final int THREAD_COUNT = 4;
    private static final int RECORD_COUNT = 10_000;

    @TempDir
    private Path directory;

    @Test
    void shouldBeReadThroughProcWhenTheFileHasNoNameAnyMore() throws IOException {
        try (MeterFile file = MeterFile.create(directory)) {
            try (Stream<Path> left = Files.list(directory)) {
                assertEquals(List.of(), left.toList());
            }
            final MeterView view = MeterView.ofProcess(ProcessHandle.current().pid());
            assertNotNull(view);
            assertEquals(ProcessHandle.current().pid(), view.processId());
            assertFalse(view.has(Timing.SYNC));
            file.keeps(Timing.SYNC);
            file.record(Timing.SYNC, 2_000_000);
            file.record(Timing.SYNC, 2_000_000);
            file.set(Figure.ALLOCATED_LENGTH, 4711);
            assertTrue(view.has(Timing.SYNC));
            assertFalse(view.has(Timing.HICCUP));
            assertEquals(2, view.counts(Timing.SYNC)[Buckets.indexOf(2_000_000)]);
            assertEquals(2, Arrays.stream(view.counts(Timing.SYNC)).sum());
            assertEquals(0, Arrays.stream(view.counts(Timing.HICCUP)).sum());
            assertEquals(4711, view.get(Figure.ALLOCATED_LENGTH));
            assertEquals(0, view.get(Figure.GC_COUNT));
        }
        assertNull(MeterView.ofProcess(ProcessHandle.current().pid()), "closed");
    }

    @Test
    void shouldLoseNothingWhenSeveralThreadsRecord() throws Exception {
        try (MeterFile file = MeterFile.create(directory)) {
            final List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREAD_COUNT; i++) {
                final Thread thread = new Thread(() -> {
                    for (int n = 0; n < RECORD_COUNT; n++) {
                        file.record(Timing.SYNC, n);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (final Thread thread : threads) {
                thread.join();
            }
            final MeterView view = MeterView.ofProcess(ProcessHandle.current().pid());
            assertEquals(THREAD_COUNT * RECORD_COUNT, Arrays.stream(view.counts(Timing.SYNC)).sum());
        }
    }

    @Test
    void shouldHaveNoViewWhenAFileIsNoMeter() throws IOException {
        final Path fd = Files.createDirectories(directory.resolve("7/fd"));
        final Path wrongLength = Files.write(directory.resolve("millrace-meter-7-a"), new byte[100]);
        final Path wrongHeader = Files.write(directory.resolve("millrace-meter-7-b"), new byte[MeterFile.LENGTH]);
        Files.createSymbolicLink(fd.resolve("3"), wrongLength);
        Files.createSymbolicLink(fd.resolve("4"), wrongHeader);
        Files.createSymbolicLink(fd.resolve("5"), Path.of("socket:[1234]"));
        Files.createSymbolicLink(fd.resolve("6"), directory.resolve("millrace-meter-7-gone"));
        assertNull(MeterView.ofProcess(directory, 7));
        assertNull(MeterView.ofProcess(directory, 8), "no such process");
    }
}
