package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.group.GroupClient;
import io.millrace.broker.group.GroupClock;
import io.millrace.broker.group.GroupConfiguration;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupRecord;
import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.SyncGroup;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Reading a partition of the offsets topic while its oldest records are deleted. */
class GroupLoaderTest {
    private static final int BATCH_COUNT = 5;

    private final List<GroupRecord> records = new ArrayList<>();
    private final GroupCoordinator coordinator = new GroupCoordinator(GroupConfiguration.DEFAULTS, new GroupClock() {
        @Override
        public long nowMs() {
            return 1;
        }

        @Override
        public long wallMs() {
            return 1;
        }
    }, new SplittableRandom(1), records::add, new GroupCatalog(), length -> true, message -> { });
    private final List<byte[]> batches = new ArrayList<>();
    private long logStart;
    private final GroupLoader loader = new GroupLoader(new LocalShard(0, log()), 0, coordinator);

    GroupLoaderTest() {
        for (int i = 0; i < BATCH_COUNT; i++) {
            final String group = "g" + i;
            coordinator.join(new JoinGroup.Request(group, 10_000, 10_000, "", null, "consumer",
                List.of(new JoinGroup.Protocol("range", new byte[0])), false, true), new GroupClient("c", "h"),
                joined -> coordinator.sync(new SyncGroup.Request(group, joined.generationId(), joined.memberId(), null,
                    null, null, Map.of()), synced -> { }));
        }
        records.forEach(record -> batches.add(GroupBatch.encode(List.of(record), 1)));
        assertTrue(batches.size() == BATCH_COUNT, "one record of each group");
    }

    /** One record in each batch, one batch at a time; what lies before the log start is gone. */
    private PartitionReader reader() {
        return (PartitionReader) Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {PartitionReader.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "logStartOffset" -> logStart;
                case "logEndOffset" -> (long) BATCH_COUNT;
                case "read" -> {
                    final int offset = (int) Math.max(logStart, (Long) arguments[1]);
                    final byte[] batch = batches.get(offset);
                    ((PartitionReader.BatchHandler) arguments[3])
                        .onBatch(file(batch), 0, batch.length, offset, offset + 1);
                    yield batch.length;
                }
                default -> null;
            });
    }

    private LogFile file(final byte[] content) {
        return (LogFile) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {LogFile.class},
            (proxy, method, arguments) -> {
                ((ByteBuffer) arguments[0]).put(content);
                return content.length;
            });
    }

    private ShardLog log() {
        return (ShardLog) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ShardLog.class},
            (proxy, method, arguments) -> method.getName().equals("newPartitionReader") ? reader() : null);
    }

    @Test
    void shouldSayThatItIsOutrunWhenRecordsGoThatItHasStillToRead() {
        assertFalse(loader.step());
        assertFalse(loader.step());
        logStart = 4;
        assertFalse(loader.step());
        assertTrue(loader.isOutrun(), "records 2 and 3 may have taken back what it has read");
        assertNull(loader.problem());
    }

    @Test
    void shouldGoOnWhenOnlyRecordsGoThatItHasRead() {
        assertFalse(loader.step());
        assertFalse(loader.step());
        logStart = 2;
        assertFalse(loader.step());
        assertFalse(loader.step());
        assertTrue(loader.step());
        assertFalse(loader.isOutrun());
    }
}
