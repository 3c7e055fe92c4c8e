package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.NullDriver;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.workload.Workload;
import org.agrona.concurrent.NanoClock;

/**
 * Nothing at all: measures the harness.
 *
 * @param clock of the acknowledgements
 */
public record NullBackend(NanoClock clock) implements Backend {
    @Override
    public TopicAdmin openAdmin() {
        return null;
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new NullDriver(workload, runId, clock);
    }

    @Override
    public RecordSource openSource() {
        throw new UnsupportedOperationException("the null driver stores nothing to read back");
    }
}
