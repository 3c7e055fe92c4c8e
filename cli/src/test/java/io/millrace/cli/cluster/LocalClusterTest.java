package io.millrace.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.ConfigException;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class LocalClusterTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;
    private final List<String> progress = new ArrayList<>();
    private ClusterLayout layout;
    private LocalCluster cluster;

    @BeforeEach
    void setUp() throws IOException {
        final Path launcher = directory.resolve("fake-millrace");
        Files.writeString(launcher, "#!/bin/sh\nexec '" + System.getProperty("java.home") + "/bin/java' -Xmx32m"
            + " -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path") + "' "
            + FakeBroker.class.getName() + " \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        System.setProperty(BrokerProcess.COMMAND_PROPERTY, launcher.toString());
        layout = new ClusterLayout(directory.resolve("cluster"), freeBasePort(), 3);
        cluster = new LocalCluster(layout, progress::add, (anyLayout, nodeId, overrides) -> { });
    }

    @AfterEach
    void tearDown() throws IOException {
        cluster.stop(Duration.ZERO);
        System.clearProperty(BrokerProcess.COMMAND_PROPERTY);
    }

    @Test
    void shouldShowAllBrokersUpWhenStarted() throws IOException {
        assertEquals(List.of(1, 2, 3), cluster.start(Map.of(), TIMEOUT));
        for (final NodeStatus node : cluster.status()) {
            assertEquals(NodeStatus.State.UP, node.state());
            assertTrue(ProcessHandle.of(node.pid()).orElseThrow().isAlive());
            assertTrue(Files.isRegularFile(node.log()));
        }
        assertEquals(List.of(), cluster.start(Map.of(), TIMEOUT), "nothing to start");
    }

    @Test
    void shouldBringBackOnlyTheDeadBrokersWhenStartedAgain() throws Exception {
        cluster.start(Map.of("fake.note", "kept"), TIMEOUT);
        final List<NodeStatus> before = cluster.status();
        kill(before.get(1).pid());

        assertEquals(List.of(2), cluster.start(Map.of(), TIMEOUT));

        final List<NodeStatus> after = cluster.status();
        assertEquals(before.get(0).pid(), after.get(0).pid());
        assertNotEquals(before.get(1).pid(), after.get(1).pid());
        assertEquals(before.get(2).pid(), after.get(2).pid());
        assertTrue(Files.readString(layout.propertiesFile(2)).contains("fake.note=kept"));
    }

    @Test
    void shouldStartABrokerAgainWhenItEndedAfterAPause() throws IOException {
        cluster.start(Map.of("fake.pauses", "true"), TIMEOUT);
        assertTrue(cluster.status().stream().allMatch(node -> node.state() == NodeStatus.State.UP));
        assertTrue(Files.readString(layout.logFile(1)).contains("starting it again"));
    }

    @Test
    void shouldKillABrokerWhenItDoesNotEnd() throws IOException {
        cluster.start(Map.of("fake.deaf", "true"), TIMEOUT);
        assertEquals(3, cluster.stop(Duration.ofMillis(300)));
        assertTrue(progress.toString().contains("killed, it had not ended"), progress.toString());
        assertTrue(cluster.status().stream().allMatch(node -> node.state() == NodeStatus.State.DOWN));
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (ProcessHandle.current().descendants().findAny().isPresent()) { // an ended one stays until it is reaped
            assertTrue(System.nanoTime() - deadlineNs < 0,
                () -> "left behind: " + ProcessHandle.current().descendants().map(ProcessHandle::info).toList());
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void shouldLeaveAForeignProcessAloneWhenItsPidIsInTheState() throws Exception {
        Files.createDirectories(layout.directory());
        final Process stranger = new ProcessBuilder("/bin/cat").start();
        try {
            final ClusterState state = new ClusterState(layout.basePort(), 3, Map.of());
            state.node(1, new ClusterState.Node(stranger.pid(), "tick 1 of boot other"));
            state.store(layout);
            assertEquals(0, cluster.stop(TIMEOUT));
            assertTrue(stranger.isAlive());
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldNameThePortWhenItIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(layout.kafkaPort(2), 1, InetAddress.getByName("127.0.0.1"))) {
            final UserError error = assertThrows(UserError.class, () -> cluster.start(Map.of(), TIMEOUT));
            assertTrue(error.getMessage().contains(":" + taken.getLocalPort() + " "), error.getMessage());
            assertTrue(error.remedy().contains("--base-port"), error.remedy());
        }
        try (DatagramSocket taken = new DatagramSocket(layout.metadataPort(3), InetAddress.getByName("127.0.0.1"))) {
            final UserError error = assertThrows(UserError.class, () -> cluster.start(Map.of(), TIMEOUT));
            assertTrue(error.getMessage().contains("UDP port in use: 127.0.0.1:" + taken.getLocalPort()),
                error.getMessage());
        }
        assertFalse(Files.exists(layout.stateFile()), "nothing was started");
    }

    @Test
    void shouldShowTheLogAndEndTheOthersWhenABrokerFails() throws IOException {
        final UserError error =
            assertThrows(UserError.class, () -> cluster.start(Map.of("fake.ends", "3"), TIMEOUT));
        assertTrue(error.getMessage().contains("node 3 ended while it started, exit code 4"), error.getMessage());
        assertTrue(error.remedy().contains("log directory is damaged"), error.remedy());
        assertTrue(cluster.status().stream().allMatch(node -> node.state() == NodeStatus.State.DOWN));
    }

    @Test
    void shouldSayWhatIsMissingWhenNotReadyInTime() {
        UserError error;
        Duration timeout = Duration.ofSeconds(2);
        do { // on a busy machine the brokers may not even listen yet
            final Duration present = timeout;
            error = assertThrows(UserError.class, () -> cluster.start(Map.of("fake.brokers", "2"), present));
            timeout = timeout.multipliedBy(2);
        } while (error.getMessage().contains("does not answer") && timeout.compareTo(TIMEOUT) < 0);
        assertTrue(error.getMessage().contains("node 1 knows brokers [1, 2] of 3"), error.getMessage());
    }

    @Test
    void shouldNameTheKeyWhenASettingIsUnknown() {
        final LocalCluster checked = new LocalCluster(layout, progress::add);
        final ConfigException error = assertThrows(ConfigException.class,
            () -> checked.start(Map.of("min.insync.replica", "2"), TIMEOUT));
        assertTrue(error.getMessage().contains("did you mean min.insync.replicas"), error.getMessage());
        assertFalse(Files.exists(layout.stateFile()), "nothing was started");
    }

    @Test
    void shouldRefuseTheDirectoryWhenItBelongsToAnotherCluster() throws IOException {
        Files.createDirectories(layout.directory());
        new ClusterState(layout.basePort() + 7, 3, Map.of()).store(layout);
        final UserError error = assertThrows(UserError.class, () -> cluster.start(Map.of(), TIMEOUT));
        assertTrue(error.getMessage().contains("belongs to another cluster"), error.getMessage());
        Files.delete(layout.stateFile());
        Files.writeString(layout.directory().resolve("letters.txt"), "private");
        final UserError strange = assertThrows(UserError.class, () -> cluster.start(Map.of(), TIMEOUT));
        assertTrue(strange.getMessage().contains("not the directory of a Millrace cluster"), strange.getMessage());
        Files.delete(layout.directory().resolve("letters.txt"));
    }

    @Test
    @SuppressWarnings("try") // the lock is held, not used
    void shouldRefuseWhenAnotherCommandHoldsTheLock() throws IOException {
        try (ClusterLock ignored = ClusterLock.acquire(layout)) {
            final UserError error = assertThrows(UserError.class, () -> cluster.start(Map.of(), TIMEOUT));
            assertTrue(error.getMessage().contains("is at work"), error.getMessage());
        }
    }

    private static void kill(final long pid) throws Exception {
        final ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(60, TimeUnit.SECONDS);
    }

    /** {@return a base port whose Kafka and derived ports are free just now} */
    private static int freeBasePort() throws IOException {
        final int first = (int) (ProcessHandle.current().pid() % 90);
        for (int i = 0; i < 90; i++) { // below the ports that the kernel hands out, so that no client takes one
            final int port = 21_000 + (first + i) % 90 * 100;
            if (LocalCluster.arePortsFree(new ClusterLayout(Path.of("."), port, 3))) {
                return port;
            }
        }
        throw new AssertionError("no free ports between 21000 and 30000");
    }
}
