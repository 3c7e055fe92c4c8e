package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.results.model.Environment;
import io.millrace.results.store.EnvironmentProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdleCheckTest {
    private static final long MS = 1_000_000L;

    @TempDir
    private Path dir;

    @Test
    void shouldSayWhatTheMachineDidWithoutLeavingAnythingWhenItLooked() throws IOException {
        IdleCheck idle;
        int attempts = 0;
        do { // on a busy machine the thread that looks may have had no turn, nor the disk time for a sync
            idle = IdleCheck.run(200 * MS, dir.resolve("not/there/yet"));
        } while ((idle.stalls().getTotalCount() == 0 || idle.syncs().getTotalCount() == 0) && ++attempts < 50);
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(List.of(), left.toList());
        }
        final String words = idle.words();
        final Environment before = EnvironmentProbe.capture(dir);
        final Environment env = idle.addTo(before);
        assertEquals(200 * MS, env.idle().durationNs());
        assertTrue(env.idle().count() > 0 && env.idle().p50Ns() <= env.idle().maxNs(), words);
        assertTrue(env.disk().fsyncP50Ns() > 0 && env.disk().fsyncP50Ns() <= env.disk().fsyncP99Ns(), words);
        assertEquals(before.fingerprint(), env.fingerprint());
        assertEquals(before.disk().fs(), env.disk().fs());
    }

    @Test
    void shouldLeaveTheDiskAloneWhenItIsNotHere() {
        final IdleCheck idle = IdleCheck.run(50 * MS, null);
        assertNull(idle.syncs());
        assertNull(idle.addTo(EnvironmentProbe.capture(dir)).disk().fsyncP99Ns());
    }

    @Test
    void shouldLookForATenthOfARunButNotForLongWhenRunsAreLong() {
        assertEquals(TimeUnit.SECONDS.toNanos(1), IdleCheck.durationNs(TimeUnit.SECONDS.toNanos(10)));
        assertEquals(TimeUnit.SECONDS.toNanos(3), IdleCheck.durationNs(TimeUnit.HOURS.toNanos(1)));
        assertEquals(300 * MS, IdleCheck.durationNs(0));
    }
}
