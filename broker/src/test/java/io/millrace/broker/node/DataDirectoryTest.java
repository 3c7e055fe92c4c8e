package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
    private static final UUID CLUSTER = new UUID(1, 2);

    private static final String NODES = "1@127.0.0.1:100:200";

    @TempDir
    private Path path;

    private static void assertRefused(final Path path, final int nodeId, final String fragment) {
        final String message =
            assertThrows(NodeStartException.class, () -> DataDirectory.open(path, nodeId, NODES, "1")).getMessage();
        assertTrue(message.contains(fragment), message);
        assertTrue(message.contains("log.dirs"), message);
    }

    private void init() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            directory.verifyClusterId(CLUSTER);
            directory.noteRegistered();
        }
    }

    @Test
    void shouldRememberItsCluster() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertNull(directory.clusterId());
            directory.verifyClusterId(CLUSTER);
        }
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
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
            () -> DataDirectory.open(path, 1, "1@127.0.0.1:300:400", "1")).getMessage();
        assertTrue(message.contains(NODES) && message.contains("another cluster"), message);
    }

    @Test
    void shouldRefuseASecondUser() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertRefused(path, 1, "in use");
            assertNull(directory.clusterId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "3", "9"})
    void shouldRefuseAnOlderAndANewerFormatVersion(final String version) throws Exception {
        init();
        final Path meta = path.resolve("meta.properties");
        final String text = Files.readString(meta).replace("version=2", "version=" + version);
        Files.writeString(meta, text);
        assertRefused(path, 1, "version=" + version);
        Files.writeString(meta, text.replaceFirst("(?m)^checksum=.*\\R", ""));
        assertRefused(path, 1, "format version=" + version + ", this build reads 1 and 2");
        assertEquals(List.of("meta.properties"), shardFiles(), "nothing else may be touched");
    }

    private List<String> shardFiles() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                .filter(name -> !name.equals("boot-id") && !name.contains("lock")).sorted().toList();
        }
    }

    /** Each bit of the file: either it is refused and says why, or nothing that it says has changed. */
    @Test
    void shouldNoticeEveryFlippedBitOfMeta() throws Exception {
        init();
        final Path meta = path.resolve("meta.properties");
        final byte[] whole = Files.readAllBytes(meta);
        int refusedCount = 0;
        for (int i = 0; i < whole.length * Byte.SIZE; i++) {
            final byte[] flipped = whole.clone();
            flipped[i / Byte.SIZE] ^= (byte) (1 << i % Byte.SIZE);
            Files.write(meta, flipped);
            try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
                assertEquals(CLUSTER, directory.clusterId(), "bit " + i);
            } catch (final NodeStartException ex) {
                refusedCount++;
                assertTrue(ex.getMessage().contains("log.dirs="), "bit " + i + ": " + ex.getMessage());
            }
        }
        assertTrue(refusedCount > whole.length * Byte.SIZE / 2, "refused " + refusedCount);
    }

    @Test
    void shouldTakeADamagedBootIdForAnotherBoot() throws Exception {
        init();
        final Path bootFile = path.resolve("boot-id");
        final byte[] whole = Files.readAllBytes(bootFile);
        for (int i = 0; i < whole.length * Byte.SIZE; i++) {
            final byte[] flipped = whole.clone();
            flipped[i / Byte.SIZE] ^= (byte) (1 << i % Byte.SIZE);
            Files.write(bootFile, flipped);
            try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
                assertFalse(directory.isClean(), "bit " + i);
            }
        }
    }

    @Test
    void shouldKnowWhetherItsPagesSurvived() throws Exception {
        init();
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertTrue(directory.isClean(), "same boot of the machine");
        }
        Files.writeString(path.resolve("boot-id"), new UUID(9, 9).toString());
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertFalse(directory.isClean(), "another boot, no orderly stop");
            directory.noteRegistered();
            directory.markClean();
        }
        Files.writeString(path.resolve("boot-id"), new UUID(9, 9).toString());
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertTrue(directory.isClean(), "another boot after an orderly stop");
        }
    }

    @Test
    void shouldSayThatItsPagesAreLostUntilTheQuorumHasTakenThatIn() throws Exception {
        init();
        Files.writeString(path.resolve("boot-id"), new UUID(9, 9).toString());
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertFalse(directory.isClean(), "another boot, no orderly stop");
        }
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertFalse(directory.isClean(), "started again in the same boot before it was registered");
            directory.markClean();
        }
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertFalse(directory.isClean(), "stopped in order before it was registered");
            directory.noteRegistered();
        }
        try (DataDirectory directory = DataDirectory.open(path, 1, NODES, "1")) {
            assertTrue(directory.isClean(), "the quorum knows");
        }
    }

    @Test
    void shouldRefuseOtherControllersAndNameThoseItHas() throws Exception {
        final String nodes = "2@h:3:4,1@h:1:2,3@h:5:6";
        DataDirectory.open(path, 1, nodes, "1,2,3").close();
        final String message = assertThrows(NodeStartException.class,
            () -> DataDirectory.open(path, 1, nodes, "1")).getMessage();
        assertTrue(message.contains("millrace.cluster.controllers=1,2,3"), message);
        assertTrue(message.contains("log.dirs"), message);
        DataDirectory.open(path, 1, nodes, "1,2,3").close();
    }

    @Test
    void shouldTakeEveryNodeForAControllerWhenNoneAreNoted() throws Exception {
        final String nodes = "2@h:3:4,1@h:1:2,3@h:5:6";
        DataDirectory.open(path, 1, nodes, "1,2,3").close();
        final Path meta = path.resolve("meta.properties");
        Files.write(meta, Files.readAllLines(meta).stream()
            .filter((line) -> !line.startsWith("cluster.controllers") && !line.startsWith("checksum")).toList());
        assertThrows(NodeStartException.class, () -> DataDirectory.open(path, 1, nodes, "1"));
        DataDirectory.open(path, 1, nodes, "1,2,3").close();
    }
}
