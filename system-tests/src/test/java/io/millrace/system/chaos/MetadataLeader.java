package io.millrace.system.chaos;

import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.status.CountersReader;

/** Who leads the metadata quorum, read from the counters of a node's own Aeron drivers: no broker need be asked. */
final class MetadataLeader {
    /** Type of Aeron Cluster's counter "Cluster node role". */
    private static final int NODE_ROLE_TYPE_ID = 201;
    private static final long LEADER = 2;

    private MetadataLeader() {
    }

    /** {@return whether a node's counters say it leads; those of a killed one say what they said last} */
    static boolean leads(final Path shared, final int nodeId) {
        try (Stream<Path> files = Files.walk(shared, 4)) {
            final List<Path> found = files.filter(file -> file.endsWith("cnc.dat")
                && shared.relativize(file).getName(0).toString().matches("millrace-\\d+-" + nodeId + "-.*")).toList();
            return found.stream().anyMatch(MetadataLeader::saysLeader);
        } catch (final IOException | RuntimeException ex) {
            return false; // being made or removed
        }
    }

    private static boolean saysLeader(final Path file) {
        final MappedByteBuffer mapped = IoUtil.mapExistingFile(file.toFile(), "cnc");
        try {
            final DirectBuffer meta = CncFileDescriptor.createMetaDataBuffer(mapped);
            final CountersReader counters = new CountersReader(
                CncFileDescriptor.createCountersMetaDataBuffer(mapped, meta),
                CncFileDescriptor.createCountersValuesBuffer(mapped, meta));
            final AtomicBoolean isLeader = new AtomicBoolean();
            counters.forEach((counterId, typeId, key, label) -> {
                if (typeId == NODE_ROLE_TYPE_ID && counters.getCounterValue(counterId) == LEADER) {
                    isLeader.set(true);
                }
            });
            return isLeader.get();
        } finally {
            IoUtil.unmap(mapped);
        }
    }
}
