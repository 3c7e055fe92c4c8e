package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.archive.Archive;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterContextsTest {
    @TempDir
    private Path dir;

    @Test
    void shouldSyncAndChecksumWhateverIsRecorded() {
        final ClusterMetadataConfiguration configuration = ClusterMetadataConfiguration.withDefaults(
            0, List.of(new ClusterMember(0, "127.0.0.1", 20_000)), dir.toFile(), dir.resolve("aeron").toString());
        final Archive.Context archive = ClusterContexts.archive(configuration, error -> { });
        assertTrue(ClusterContexts.FILE_SYNC_LEVEL >= 1, "the consensus module takes the same");
        assertEquals(ClusterContexts.FILE_SYNC_LEVEL, archive.fileSyncLevel());
        assertEquals(ClusterContexts.FILE_SYNC_LEVEL, archive.catalogFileSyncLevel());
        assertInstanceOf(RecordingChecksum.class, archive.recordChecksum());
        assertInstanceOf(RecordingChecksum.class, archive.replayChecksum());
    }
}
