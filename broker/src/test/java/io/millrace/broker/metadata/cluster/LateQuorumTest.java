package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Waits for longer than Aeron's clients live without being invoked. */
@Timeout(600)
class LateQuorumTest {
    private static final long AERON_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    @TempDir
    private Path dir;

    @Test
    void shouldJoinWhenTheOthersComeLateAndSayWhenASessionHasEndedForGood() {
        try (TestQuorum quorum = new TestQuorum(dir, 3, configuration -> configuration)) {
            quorum.start(0);
            final TestBroker first = quorum.broker(0);
            awaitLongerThanAeron(quorum);
            assertFalse(first.isSessionTerminated());
            quorum.start(1);
            quorum.start(2);
            quorum.awaitReady(3);

            first.undriven(true);
            awaitLongerThanAeron(quorum);
            first.undriven(false);
            quorum.await("the session is found ended", first::isSessionTerminated);
        }
    }

    private static void awaitLongerThanAeron(final TestQuorum quorum) {
        final long endNs = System.nanoTime() + AERON_TIMEOUT_NS + TimeUnit.SECONDS.toNanos(2);
        quorum.await("time passes", () -> System.nanoTime() - endNs > 0);
    }
}
