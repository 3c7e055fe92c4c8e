package io.millrace.targets.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(400)
class ServerTargetTest {
    private static final long READY_TIMEOUT_S = 100;

    @TempDir
    private Path dir;

    private final List<ServerProcess> started = new ArrayList<>();
    private final AtomicBoolean isStopped = new AtomicBoolean();

    @Test
    void shouldEndWhatItStartedWhenTheUserStopsTheStart() throws IOException {
        final RunDirectory own = new RunDirectory(Files.createDirectory(dir.resolve("own")), true);
        final String message = assertThrows(TargetUnreachableException.class, () -> start(own, () -> {
            isStopped.set(true); // while it waits for the first server
            return false;
        })).getMessage();
        assertEquals("stopped while server was starting", message);
        assertEquals(2, started.size());
        assertTrue(started.stream().noneMatch(ServerProcess::isAlive));
        assertFalse(Files.exists(own.path()), "its directory is deleted");
    }

    @Test
    void shouldNotWaitForARestartWhenTheUserStopsTheRun() throws IOException {
        final RunDirectory own = new RunDirectory(Files.createDirectory(dir.resolve("own")), true);
        try (ServerTarget target = start(own, () -> true)) {
            started.get(0).close();
            isStopped.set(true);
            assertThrows(TargetUnreachableException.class, target::startNodes);
            assertEquals(3, started.size());
        }
        assertTrue(started.stream().noneMatch(ServerProcess::isAlive), "also the one that was started again");
    }

    private ServerTarget start(final RunDirectory directory, final BooleanSupplier isReady) {
        final ServerTarget.Node node = new ServerTarget.Node(() -> {
            final ServerProcess process =
                ServerProcess.start("server", List.of("sleep", "300"), Map.of(), directory.path());
            started.add(process);
            return process;
        }, isReady);
        return ServerTarget.start(new ServerTarget.About("two servers", "", Map.of(), ""), directory,
            List.of(node, node), null, READY_TIMEOUT_S, isStopped::get);
    }
}
