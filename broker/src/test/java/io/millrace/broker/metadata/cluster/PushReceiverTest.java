package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataFormatException;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataReplica;
import io.millrace.broker.metadata.MetadataResult;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PushReceiverTest {
    private static final long SESSION_ID = 7;
    private static final long TERM_ID = 3;

    private final MetadataReplica replica = new MetadataReplica();
    private final DeltaTail tail = new DeltaTail(replica);
    private final PushReceiver receiver = new PushReceiver();
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private MetadataImage image = MetadataImage.EMPTY;

    @Test
    void shouldPutADeltaTogetherFromItsChunks() {
        registerReadyBroker();
        final byte[] delta = decide(Commands.create("t", 5_000, 1));
        assertTrue(delta.length > 2 * PushCodec.MAX_CHUNK_LENGTH);
        receiver.onSession(SESSION_ID, TERM_ID, 0);
        tail.since(0, 1).forEach(snapshot -> chunks(TERM_ID, snapshot, -1));
        heartbeat(TERM_ID, replica.version());
        assertTrue(receiver.isCurrent());
        image = receiver.takeImage(image);
        assertEquals(5_000, image.topic("t").partitionCount());
        assertFalse(receiver.hasDeltas());
    }

    @Test
    void shouldAskAgainWhenAChunkOrADeltaIsMissing() {
        registerReadyBroker();
        final byte[] first = decide(new MetadataCommand.AllocateProducerIds(1));
        final byte[] second = decide(Commands.create("t", 5_000, 1));
        final byte[] third = decide(Commands.create("u", 1, 1));
        receiver.onSession(SESSION_ID, TERM_ID, 2);
        chunks(TERM_ID, first, -1);
        heartbeat(TERM_ID, 3);
        assertTrue(receiver.isFollowing());
        chunks(TERM_ID, second, 1);
        chunks(TERM_ID, third, -1);
        assertEquals(3, receiver.version());
        heartbeat(TERM_ID, 5);
        assertFalse(receiver.isFollowing());
        tail.since(3, 8).forEach(delta -> chunks(TERM_ID, delta, -1));
        heartbeat(TERM_ID, 5);
        assertTrue(receiver.isCurrent());
        assertNotNull(receiver.takeImage(image).topic("u"));
    }

    @Test
    void shouldSkipWhatItHasAndIgnoreOtherSessionsAndEarlierLeaders() {
        registerReadyBroker();
        final byte[] first = decide(new MetadataCommand.AllocateProducerIds(1));
        final byte[] second = decide(Commands.create("t", 1, 1));
        receiver.onSession(SESSION_ID, TERM_ID, 2);
        chunks(TERM_ID, first, -1);
        chunks(TERM_ID - 1, second, -1);
        assertEquals(3, receiver.version());
        assertTrue(receiver.takeHeard());
        final int length = PushCodec.putHeartbeat(buffer, SESSION_ID + 1, TERM_ID, true, 3, 0, -1);
        receiver.onMessage(buffer, 0, length);
        assertFalse(receiver.takeHeard());
        heartbeat(TERM_ID + 1, 2);
        chunks(TERM_ID + 1, first, -1);
        chunks(TERM_ID + 1, second, -1);
        assertEquals(4, receiver.version());
        image = receiver.takeImage(image);
        assertEquals(4, image.version());
        heartbeat(TERM_ID, 3);
        assertFalse(receiver.takeHeard() && receiver.isCurrent(), "an earlier leader says nothing any more");
    }

    @Test
    void shouldHoldAnAnswerUntilTheImageIsThere() {
        final byte[] delta = decide(Commands.register(1, 1));
        receiver.onSession(SESSION_ID, TERM_ID, 0);
        final byte[] result = MetadataBytes.encode(new MetadataResult((short) 0, "text", 5, 1));
        receiver.onMessage(buffer, 0, PushCodec.putResult(buffer, SESSION_ID, TERM_ID, 99, result));
        assertNull(receiver.takeResult(99, image));
        chunks(TERM_ID, delta, -1);
        image = receiver.takeImage(image);
        assertEquals(new MetadataResult((short) 0, "text", 5, 1), receiver.takeResult(99, image));
        assertNull(receiver.takeResult(99, image));
    }

    @Test
    void shouldRefuseADeltaBeyondTheLimitBeforeAllocating() {
        receiver.onSession(SESSION_ID, TERM_ID, 0);
        final int length = PushCodec.putDeltaChunk(buffer, SESSION_ID, TERM_ID, new byte[100], 0);
        buffer.putInt(PushCodec.TOTAL_LENGTH_FIELD_OFFSET, Integer.MAX_VALUE, ByteOrder.LITTLE_ENDIAN);
        assertThrows(MetadataFormatException.class, () -> receiver.onMessage(buffer, 0, length));
    }

    @Test
    void shouldGiveDeltasFromTheTailAndASnapshotBeyondIt() {
        final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        decide(Commands.register(1, 1));
        for (int i = 0; i < 5_000; i++) {
            decide(new MetadataCommand.AllocateProducerIds(1 + random.nextInt(9)));
        }
        final long newest = replica.version();
        assertEquals(List.of(), tail.since(newest, 8));
        final List<Long> reached = new ArrayList<>();
        for (final byte[] delta : tail.since(newest - 5, 3)) {
            reached.add(MetadataBytes.toVersion(delta) - newest);
        }
        assertEquals(List.of(-4L, -3L, -2L), reached, "seed " + seed);
        for (final long version : new long[] {0, 1, newest - 4_097, newest + 1}) {
            final List<byte[]> snapshot = tail.since(version, 8);
            assertEquals(1, snapshot.size());
            assertEquals(0, MetadataBytes.fromVersion(snapshot.get(0)));
            assertEquals(newest, MetadataBytes.toVersion(snapshot.get(0)));
        }
        assertEquals(8, tail.since(newest - 4_096, 8).size());
    }

    /** Version 2. */
    private void registerReadyBroker() {
        decide(Commands.register(1, 1));
        decide(Commands.ready(1, 1));
        image = MetadataBytes.follow(image, List.of(replica.snapshot()));
    }

    private byte[] decide(final MetadataCommand command) {
        final byte[] bytes = MetadataBytes.encode(command);
        final byte[] delta = replica.apply(new UnsafeBuffer(bytes), 0, bytes.length, SESSION_ID, 0).delta();
        tail.add(delta);
        return delta;
    }

    private void chunks(final long termId, final byte[] delta, final int lostChunk) {
        int index = 0;
        int chunk = 0;
        while (index < delta.length) {
            final int length = PushCodec.putDeltaChunk(buffer, SESSION_ID, termId, delta, index);
            if (chunk != lostChunk) {
                receiver.onMessage(buffer, 0, length);
            }
            index += length - PushCodec.DELTA_HEADER_LENGTH;
            chunk++;
        }
    }

    private void heartbeat(final long termId, final long version) {
        receiver.onMessage(buffer, 0, PushCodec.putHeartbeat(buffer, SESSION_ID, termId, true, version, 0, -1));
    }
}
