package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private static final UUID CLUSTER = new UUID(1, 2);

    private static final String NODES = "1@127.0.0.1:100:200";

    @TempDir
    private Path path;

    private static void assertRefused(final Path path, final int nodeId, final String fragment) {
        final String message =
            assertThrows(NodeStartException.class, () -> DataDirectory.open(path, nodeId, NODES)).getMessage();
        assertTrue(message.contains(fragment), message);
        assertTrue(message.contains("log.dirs"), message);
    }

    private void init() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            directory.verifyClusterId(CLUSTER);
        }
    }

    @Test
    void shouldRememberItsCluster() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertNull(directory.clusterId());
            directory.verifyClusterId(CLUSTER);
        }
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertEquals(CLUSTER, directory.clusterId());
            directory.verifyClusterId(CLUSTER);
            final String message = assertThrows(IOException.class,
                () -> directory.verifyClusterId(new UUID(3, 4))).getMessage();
            assertTrue(message.contains(CLUSTER.toString()), message);
        }
    }

    @Test
    void shouldRefuseAnotherNodesDirectory() throws Exception {
        init();
        assertRefused(path, 2, "node.id=1");
    }

    @Test
    void shouldRefuseAnotherClustersDirectoryBeforeUsingIt() throws Exception {
        init();
        final String message = assertThrows(NodeStartException.class,
            () -> DataDirectory.open(path, 1, "1@127.0.0.1:300:400")).getMessage();
        assertTrue(message.contains(NODES) && message.contains("another cluster"), message);
    }

    @Test
    void shouldRefuseASecondUser() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertRefused(path, 1, "in use");
            assertNull(directory.clusterId());
        }
    }

    @Test
    void shouldRefuseAnotherFormatVersion() throws Exception {
        init();
        final Path meta = path.resolve("meta.properties");
        Files.writeString(meta, Files.readString(meta).replace("version=1", "version=9"));
        assertRefused(path, 1, "version=9");
    }

    @Test
    void shouldKnowWhetherItsPagesSurvived() throws Exception {
        init();
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertTrue(directory.isClean(), "same boot of the machine");
        }
        Files.writeString(path.resolve("boot-id"), new UUID(9, 9).toString());
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertFalse(directory.isClean(), "another boot, no orderly stop");
            directory.markClean();
        }
        Files.writeString(path.resolve("boot-id"), new UUID(9, 9).toString());
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES)) {
            assertTrue(directory.isClean(), "another boot after an orderly stop");
        }
    }
}
