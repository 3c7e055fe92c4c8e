package io.millrace.transport.kafka.server;

import io.millrace.jmh.Smoke;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That every benchmark of this package runs. */
@Timeout(600)
class ServerBenchmarksSmokeTest {
    @Test
    void shouldRunWhenABatchFitsStagingAndWhenItDoesNot() {
        Smoke.run(FetchReplyBenchmark.class, 40, Map.of("batchLength", "4096,1048576"));
    }
}
