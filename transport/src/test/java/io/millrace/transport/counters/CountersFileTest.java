package io.millrace.transport.counters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountersFileTest {
    private static final long MS = 1_000_000L;
    private static final long STARTED_MS = 1_700_000_000_000L;
    private static final long ORIGIN_NS = -5_000L * MS; // a monotonic clock may begin anywhere
    private static final int PEAK_TYPE = AgentCounter.LONGEST_WRITE_NS.typeId(AgentRole.ENGINE);

    @TempDir
    private Path dir;

    @Test
    void shouldShowWhatWasCountedWhenTheWriterIsStillOpen() throws IOException {
        try (CountersFile file = create(); CountersView view = CountersView.open(file.path())) {
            final int typeId = AgentCounter.WRITE_COUNT.typeId(AgentRole.ENGINE);
            final AtomicCounter writes = file.newCounter(typeId, AgentCounter.WRITE_COUNT.label(AgentRole.ENGINE));
            writes.incrementRelease();
            assertEquals(1, view.get(typeId));
            writes.getAndAddRelease(41);
            assertEquals(42, view.get(typeId));
            assertEquals(-1, view.get(typeId + 1));
            assertEquals(7, view.nodeId());
            assertEquals(ProcessHandle.current().pid(), view.pid());
            assertEquals(STARTED_MS, view.startedMs());
            assertEquals(List.of(new CountersView.Entry(typeId, -1, "engine: write calls, count", 42, false, -1)),
                view.entries(STARTED_MS));
        }
        assertFalse(Files.exists(dir.resolve("c")));
    }

    @Test
    void shouldNameTheShardWhenACounterBelongsToOne() throws IOException {
        try (CountersFile file = create(); CountersView view = CountersView.open(file.path())) {
            file.newShardCounter(NodeCounter.SHARD_TYPE_ID + 4, "shard 9: written, position", 9).setRelease(100);
            assertEquals(9, view.entries(STARTED_MS).get(0).shardId());
        }
    }

    @Test
    void shouldKeepTheLargestOfEachWindowWhenValuesComeAndGo() throws IOException {
        try (CountersFile file = create(); CountersView view = CountersView.open(file.path())) {
            final PeakCounter peak = file.newPeak(PEAK_TYPE, "p");
            assertNull(view.longest(PEAK_TYPE, 0, Long.MAX_VALUE));
            peak.record(ORIGIN_NS + 10 * MS, 900); // before the window asked for
            peak.record(ORIGIN_NS + 1_000 * MS, 5);
            peak.record(ORIGIN_NS + 1_100 * MS, 70);
            peak.record(ORIGIN_NS + 1_200 * MS, 6);
            peak.record(ORIGIN_NS + 1_500 * MS, 60);
            assertEquals(900, view.get(PEAK_TYPE));
            assertEquals(new CountersView.Peak(STARTED_MS + 1_100, 70),
                view.longest(PEAK_TYPE, STARTED_MS + 500, STARTED_MS + 2_000));
            assertEquals(new CountersView.Peak(STARTED_MS + 1_500, 60),
                view.longest(PEAK_TYPE, STARTED_MS + 1_250, STARTED_MS + 2_000));
            assertNull(view.longest(PEAK_TYPE, STARTED_MS + 1_500, STARTED_MS + 2_000));
            final CountersView.Entry entry = view.entries(STARTED_MS + 1_600).get(0);
            assertTrue(entry.isPeak());
            assertEquals(900, entry.lately());
            assertEquals(-1, view.entries(STARTED_MS + 60_000).get(0).lately());
        }
    }

    @Test
    void shouldForgetWhatIsOldWhenTheSlotsComeRound() throws IOException {
        final long seed = System.nanoTime();
        final Random random = new Random(seed);
        try (CountersFile file = create(); CountersView view = CountersView.open(file.path())) {
            final PeakCounter peak = file.newPeak(PEAK_TYPE, "p");
            final long[] largest = new long[400];
            long timeMs = 0;
            for (int i = 0; i < 20_000; i++) {
                timeMs += random.nextInt(5);
                final long value = 1 + random.nextInt(1_000_000);
                peak.record(ORIGIN_NS + timeMs * MS, value);
                largest[(int) (timeMs / 250)] = Math.max(largest[(int) (timeMs / 250)], value);
                final long slot = timeMs / 250;
                assertEquals(largest[(int) slot],
                    view.longest(PEAK_TYPE, STARTED_MS + slot * 250 - 1, Long.MAX_VALUE).value(), "seed=" + seed);
                if (slot >= 2) {
                    final CountersView.Peak before =
                        view.longest(PEAK_TYPE, STARTED_MS + (slot - 1) * 250 - 1, STARTED_MS + slot * 250 - 1);
                    assertEquals(largest[(int) slot - 1], before == null ? 0 : before.value(), "seed=" + seed);
                }
            }
        }
    }

    @Test
    void shouldHaveOneTypeIdAndOneLabelEachWhenAllAreMade() throws IOException {
        final Set<Integer> typeIds = new HashSet<>();
        try (CountersFile file = create(); CountersView view = CountersView.open(file.path())) {
            for (final NodeCounter counter : NodeCounter.values()) {
                assertTrue(typeIds.add(counter.typeId()), counter.label());
                file.newCounter(counter.typeId(), counter.label());
            }
            for (final AgentRole role : AgentRole.values()) {
                for (final AgentCounter counter : AgentCounter.values()) {
                    assertTrue(typeIds.add(counter.typeId(role)), counter.label(role));
                    file.newCounter(counter.typeId(role), counter.label(role));
                }
            }
            assertTrue(typeIds.stream().allMatch(id -> id > 0 && id < NodeCounter.SERVER_TYPE_ID));
            assertEquals(typeIds.size(),
                view.entries(0).stream().map(CountersView.Entry::label).distinct().count());
            view.entries(0).forEach(entry -> assertTrue(entry.label().matches(".*, (ns|ms since start|bytes|count)"),
                entry.label() + " names no unit"));
        }
    }

    @Test
    void shouldTakeThePlaceOfTheOldFileWhenANodeStartsAgain() throws IOException {
        final CountersFile first = create();
        try (CountersView old = CountersView.open(first.path()); CountersFile second = create();
            CountersView present = CountersView.open(second.path())) {
            second.newCounter(1, "a").setRelease(5);
            assertEquals(-1, old.get(1));
            assertEquals(5, present.get(1));
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAFileIsNoneOfOurs() throws IOException {
        refused(dir.resolve("missing"), "is not there");
        refused(dir, "is no plain file");
        final Path path = dir.resolve("foreign");
        Files.write(path, new byte[0]);
        refused(path, "has 0 bytes");
        Files.write(path, new byte[4096]);
        refused(path, "does not begin like one");
        try (var channel = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
            channel.position(CountersDescriptor.MAX_FILE_LENGTH + 1L).write(ByteBuffer.allocate(1));
        }
        refused(path, "bytes, a counters file has from");
    }

    @Test
    void shouldRefuseOrReadWithinBoundsWhenBytesAreFlipped() throws IOException {
        final long seed = System.nanoTime();
        final Random random = new Random(seed);
        final byte[] good;
        try (CountersFile file = create()) {
            for (int i = 0; i < 20; i++) {
                file.newPeak(PEAK_TYPE + i, "peak " + i).record(ORIGIN_NS + i * MS, i + 1);
            }
            good = Files.readAllBytes(file.path());
        }
        final Path path = dir.resolve("flipped");
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            final byte[] bad = good.clone();
            final int end = i % 2 == 0 ? CountersDescriptor.HEADER_LENGTH / 2 : 20 * 512;
            for (int n = 0; n < 3; n++) {
                bad[random.nextInt(end)] = (byte) random.nextInt();
            }
            Files.write(path, bad);
            try (CountersView view = CountersView.open(path)) {
                view.entries(STARTED_MS).forEach(entry -> assertTrue(entry.label().length() <= 380, "seed=" + seed));
                view.longest(PEAK_TYPE, Long.MIN_VALUE, Long.MAX_VALUE);
                view.isLive();
            } catch (final CountersFormatException ex) {
                refused++;
            }
        }
        assertTrue(refused > 0, "seed=" + seed);
    }

    @Test
    void shouldRefuseAnotherVersionWhenReading() throws IOException {
        try (CountersFile file = create()) {
            final byte[] bytes = Files.readAllBytes(file.path());
            ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(CountersDescriptor.VERSION_FIELD_OFFSET, 2);
            final Path path = dir.resolve("newer");
            Files.write(path, bytes);
            refused(path, "version=2, this build reads 1");
        }
    }

    @Test
    void shouldHaveTheLayoutThatIsDrawnWhenWritten() throws IOException {
        try (CountersFile file = create()) {
            file.newCounter(1, "a").setRelease(0x0102030405060708L);
            final ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file.path())).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals("MRCOUNTS", new String(bytes.array(), 0, 8, java.nio.charset.StandardCharsets.US_ASCII));
            assertEquals(1, bytes.getInt(8));
            assertEquals(7, bytes.getInt(12));
            assertEquals(ProcessHandle.current().pid(), bytes.getLong(16));
            assertEquals(STARTED_MS, bytes.getLong(24));
            assertEquals(ORIGIN_NS, bytes.getLong(32));
            assertEquals(1024 * 512, bytes.getInt(40));
            assertEquals(1024 * 128, bytes.getInt(44));
            assertEquals(32 * 32 * 16, bytes.getInt(48));
            assertEquals(0x0102030405060708L, bytes.getLong(128 + 1024 * 512));
            assertEquals(128 + 1024 * (512 + 128) + 32 * 32 * 16, bytes.capacity());
        }
    }

    @Test
    void shouldFindTheFileWhenAProcessHasItMapped() throws IOException {
        final Path path = dir.resolve(CountersFinder.fileName(9092, 7));
        try (CountersFile file = CountersFile.create(path, 7, ProcessHandle.current().pid(), STARTED_MS, ORIGIN_NS)) {
            final Path maps = dir.resolve("maps");
            Files.writeString(maps, "7f00-7f01 r-xp 00000000 00:00 0 [vdso]\n"
                + "7f10-7f20 rw-s 00000000 00:18 42                         " + file.path() + "\n");
            assertEquals(path, CountersFinder.ofMaps(maps).orElseThrow());
            assertTrue(CountersFinder.ofMaps(dir.resolve("gone")).isEmpty());
            Files.createDirectories(dir.resolve("cluster/node-1/data"));
            Files.createSymbolicLink(dir.resolve("cluster/node-1/data/counters"), path);
            assertEquals(1, CountersFinder.inDirectory(dir.resolve("cluster")).size());
            assertEquals(List.of(path.toRealPath()),
                CountersFinder.inDirectory(dir.resolve("cluster/node-1/data")));
            assertEquals(List.of(path), CountersFinder.allIn(dir));
        }
    }

    private void refused(final Path path, final String words) {
        final IOException ex = assertThrows(CountersFormatException.class, () -> CountersView.open(path).close());
        assertTrue(ex.getMessage().contains(words), ex.getMessage());
    }

    private CountersFile create() throws IOException {
        return CountersFile.create(dir.resolve("c"), 7, ProcessHandle.current().pid(), STARTED_MS, ORIGIN_NS);
    }
}
