package io.millrace.broker.api;

import io.millrace.broker.metadata.TopicInfo;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** One topic as the network thread sees it. Owned by the network thread. */
final class TopicView {
    final TopicInfo info;
    final byte[] nameUtf8;
    final ShardView[] shards;
    final int maxBatchLength;
    /** min.insync.replicas, 0 where the shards' own already says as much. */
    final int minIsr;

    TopicView(final TopicInfo info, final ShardView[] shards, final int maxBatchLength, final int minIsr) {
        this.info = info;
        this.nameUtf8 = info.name().getBytes(StandardCharsets.UTF_8);
        this.shards = shards;
        this.maxBatchLength = maxBatchLength;
        this.minIsr = minIsr > info.shardClass().minInsyncReplicas() ? minIsr : 0;
    }

    int partitionCount() {
        return shards.length;
    }

    int idInShard(final int partition) {
        return info.partitionId(partition);
    }

    boolean hasName(final DirectBuffer buffer, final int index, final int length) {
        if (length != nameUtf8.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(index + i) != nameUtf8[i]) {
                return false;
            }
        }
        return true;
    }
}
