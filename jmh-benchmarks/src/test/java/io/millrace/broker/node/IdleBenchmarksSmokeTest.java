package io.millrace.broker.node;

import io.millrace.jmh.Smoke;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That every benchmark of this package runs. */
@Timeout(600)
class IdleBenchmarksSmokeTest {
    @Test
    void shouldAnswerWithEveryStrategy() {
        Smoke.run(IdleStrategyBenchmark.class, 3, Map.of("gapUs", "100"));
    }
}
