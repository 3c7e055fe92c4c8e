package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.codec.FetchResponseEncoder;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class FetchReplyTest {
    private static final int FILE_LENGTH = 4 * 1024 * 1024;
    private static final int FRAME_LENGTH = 14 + 17 + 4 + 3 + 4 + 16;

    @TempDir
    private Path directory;

    @Test
    void shouldSendEveryByteOfBatchesOfAllLengthsWhateverLiesBetweenThem() throws Exception {
        final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
        final RandomGenerator random = new SplittableRandom(seed);
        final byte[] content = new byte[FILE_LENGTH];
        random.nextBytes(content);
        try (ChannelLogFile file = new ChannelLogFile(directory.resolve("log"), content);
            ServerHarness server = new ServerHarness(ServerHarness.context().socketSendBufferLength(256 * 1024))) {
            final List<byte[]> expected = new ArrayList<>();
            final List<List<int[]>> plans = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                final List<int[]> plan = plan(random, i);
                plans.add(plan);
                expected.add(bytes(content, plan));
            }
            server.handler.fetchScript = (offset, encoder) -> add(encoder, file, plans.get((int) offset));
            final LeanConnection client = server.lean();
            final ServerHarness.Recorder recorder = new ServerHarness.Recorder();
            for (int i = 0; i < plans.size(); i++) {
                assertTrue(client.offerFetch(ServerHarness.TOPIC, 0, i, 100, 1, 1 << 20, i));
            }
            server.await("all fetched", () -> client.poll(recorder) >= 0 && recorder.records.size() == plans.size());
            for (int i = 0; i < plans.size(); i++) {
                assertEquals(i, recorder.tokens.get(i));
                assertArrayEquals(expected.get(i), recorder.records.get(i), "seed=" + seed + ", fetch=" + i);
            }
            server.await("released", () -> server.handler.releasedCount.get() == plans.size());
            final long copied = server.count(ServerCounter.BYTES_OUT_COPIED);
            final long transferred = server.count(ServerCounter.BYTES_OUT_TRANSFERRED);
            assertEquals(expected.stream().mapToLong(b -> b.length).sum(), copied + transferred, "seed=" + seed);
            assertTrue(copied > 0 && transferred > 0, "seed=" + seed);
        }
    }

    @Test
    void shouldReleaseRegionsWhenTheClientDiesWhileReading() throws Exception {
        final byte[] content = new byte[FILE_LENGTH];
        try (ChannelLogFile file = new ChannelLogFile(directory.resolve("log"), content);
            ServerHarness server = new ServerHarness(ServerHarness.context().socketSendBufferLength(16 * 1024))) {
            server.handler.fetchScript = (offset, encoder) -> {
                for (int i = 0; i < 8; i++) {
                    encoder.batch(file, 0, FILE_LENGTH);
                }
            };
            try (Socket socket = server.socket()) {
                // in one write: no request is taken once the first reply fills the socket
                socket.getOutputStream().write(ByteBuffer.allocate(2 * FRAME_LENGTH).put(fetchFrame(1))
                    .put(fetchFrame(2)).array());
                server.await("took both", () -> server.count(ServerCounter.REQUESTS) == 2);
                server.await("began to send", () -> server.count(ServerCounter.BYTES_OUT) > 0);
                assertEquals(0, server.handler.releasedCount.get());
            }
            server.await("released", () -> server.handler.releasedCount.get() == 2);
            server.await("closed", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 0);
        }
    }

    @Test
    void shouldCloseTheConnectionWhenTheFileIsShorterThanTheBatch() throws Exception {
        for (final int length : new int[]{1000, 100_000}) {
            try (ChannelLogFile file = new ChannelLogFile(directory.resolve("log" + length), new byte[length / 2]);
                ServerHarness server = new ServerHarness(ServerHarness.context());
                Socket socket = server.socket()) {
                server.handler.fetchScript = (offset, encoder) -> encoder.batch(file, 0, length);
                socket.getOutputStream().write(fetchFrame(1));
                server.await("closed", () -> server.count(ServerCounter.CLOSED_IO_ERROR) == 1);
                server.await("released", () -> server.handler.releasedCount.get() == 1);
                assertTrue(server.events.peek().contains("log file ends inside a batch"), server.events.peek());
            }
        }
    }

    private static byte[] fetchFrame(final int correlationId) {
        final ByteBuffer frame = ByteBuffer.allocate(FRAME_LENGTH);
        return frame.putInt(frame.capacity() - 4).putShort((short) 1).putShort((short) 4).putInt(correlationId)
            .putShort((short) -1).putInt(-1).putInt(100).putInt(1).putInt(1 << 20).put((byte) 0).putInt(1)
            .putShort((short) 1).put((byte) 't').putInt(1).putInt(0).putLong(0).putInt(1 << 20).array();
    }

    private static void add(final FetchResponseEncoder encoder, final ChannelLogFile file, final List<int[]> plan) {
        for (final int[] batch : plan) {
            encoder.batch(file, batch[0], batch[1]);
        }
    }

    private static byte[] bytes(final byte[] content, final List<int[]> plan) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (final int[] batch : plan) {
            out.write(content, batch[0], batch[1]);
        }
        return out.toByteArray();
    }

    /** Batches as they lie in a log: ascending, with frame headers or other partitions' batches between them. */
    private static List<int[]> plan(final RandomGenerator random, final int round) {
        final List<int[]> plan = new ArrayList<>();
        int at = random.nextInt(1000);
        final int maxLength = new int[]{200, 5_000, 40_000, 300_000}[round % 4];
        for (int i = random.nextInt(60); i > 0; i--) {
            final int length = random.nextInt(61, maxLength);
            if (at + length > FILE_LENGTH) {
                break;
            }
            plan.add(new int[]{at, length});
            at += length + (random.nextInt(5) == 0 ? random.nextInt(10_000) : 32 + random.nextInt(8));
        }
        return plan;
    }
}
