package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordDeletionsTest {
    private static final int SHARD = 3;
    private static final long HIGH_WATERMARK = 100;

    private final LogMarks marks = new LogMarks();
    private final LocalShards shards = new LocalShards();
    private final RecordDeletions deletions = new RecordDeletions(shards);
    private final List<Integer> errors = new ArrayList<>();
    private final RecordDeletion.Handler handler = (error, logStart) -> errors.add((int) error);
    private boolean isUnreadable;
    private int frameCount;

    @BeforeEach
    void lead() {
        final LocalShard shard = new LocalShard(SHARD, (ShardLog) proxy(ShardLog.class));
        shard.leading(1, 0);
        shards.add(shard);
    }

    @Test
    void shouldAnswerWithAnErrorWhenAnIndexCannotBeRead() {
        isUnreadable = true;
        assertTrue(deletions.ask(SHARD, 0, 5, Long.MAX_VALUE, handler));
        deletions.doWork(0);
        assertEquals(List.of((int) ErrorCodes.KAFKA_STORAGE_ERROR), errors);
    }

    @Test
    void shouldTakeAFewEachCycleAndRefuseWhatIsTooMuch() {
        int taken = 0;
        while (deletions.ask(SHARD, taken % 7, 5, Long.MAX_VALUE, handler)) {
            taken++;
        }
        assertTrue(taken >= 10_000, "taken=" + taken);
        deletions.doWork(0);
        assertTrue(frameCount > 0 && frameCount <= 100, "frames=" + frameCount);
        for (int i = 0; i < taken && frameCount < taken; i++) {
            deletions.doWork(0);
        }
        assertEquals(taken, deletions.waitingCount());
        marks.committedRelease(frameCount);
        deletions.doWork(0);
        assertEquals(taken, errors.stream().filter((error) -> error == ErrorCodes.NONE).count());
    }

    private Object proxy(final Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (self, method, arguments) -> switch (method.getName()) {
                case "newPartitionReader" -> proxy(PartitionReader.class);
                case "marks" -> marks;
                case "deleteRecords" -> (long) ++frameCount;
                case "logStartOffset" -> 5L;
                case "highWatermark" -> {
                    if (isUnreadable) {
                        throw new UncheckedIOException(new IOException("index is damaged"));
                    }
                    yield HIGH_WATERMARK;
                }
                default -> null;
            });
    }
}
