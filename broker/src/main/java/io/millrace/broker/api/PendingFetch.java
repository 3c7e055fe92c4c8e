package io.millrace.broker.api;

import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;

/** One Fetch request in work or waiting, and the readers that its reply pins. Pooled; owned by the network thread. */
final class PendingFetch {
    ReplySlot slot;
    int waitIndex = -1;
    private final List<LocalShard> shards = new ArrayList<>();
    private final List<PartitionReader> readers = new ArrayList<>();

    PartitionReader reader(final LocalShard shard) {
        for (int i = 0; i < shards.size(); i++) {
            if (shards.get(i) == shard) {
                return readers.get(i);
            }
        }
        final PartitionReader reader = shard.takeReader();
        shards.add(shard);
        readers.add(reader);
        return reader;
    }

    void releaseReaders() {
        for (int i = shards.size() - 1; i >= 0; i--) {
            shards.get(i).giveBack(readers.get(i));
        }
        shards.clear();
        readers.clear();
    }
}
