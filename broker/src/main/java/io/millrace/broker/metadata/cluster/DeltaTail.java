package io.millrace.broker.metadata.cluster;

import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataReplica;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The newest deltas, bounded in count and bytes; who needs older ones gets a snapshot. Owned by the service thread. */
final class DeltaTail {
    private static final int MAX_COUNT = 4096;
    private static final long MAX_LENGTH = 4L * 1024 * 1024;

    private final MetadataReplica replica;
    private final ArrayDeque<byte[]> deltas = new ArrayDeque<>();
    private long length;
    private byte[] snapshot;

    DeltaTail(final MetadataReplica replica) {
        this.replica = replica;
    }

    void add(final byte[] delta) {
        snapshot = null;
        deltas.add(delta);
        length += delta.length;
        while (deltas.size() > MAX_COUNT || length > MAX_LENGTH && deltas.size() > 1) {
            length -= deltas.poll().length;
        }
    }

    /** {@return what leads on from a version: some deltas, or one snapshot; empty when it is the newest} */
    List<byte[]> since(final long version, final int limit) {
        if (version == replica.version()) {
            return List.of();
        }
        if (version == 0 || version > replica.version() || deltas.isEmpty()
            || version < MetadataBytes.fromVersion(deltas.peekFirst())) {
            snapshot = snapshot == null ? replica.snapshot() : snapshot;
            return List.of(snapshot);
        }
        final List<byte[]> result = new ArrayList<>();
        for (final byte[] delta : deltas) {
            if (MetadataBytes.fromVersion(delta) >= version) {
                result.add(delta);
                if (result.size() == limit) {
                    break;
                }
            }
        }
        return result;
    }
}
