package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.driver.kafka.JavaDriver;
import io.millrace.load.driver.lean.LeanDriver;
import io.millrace.load.driver.lean.LeanRecordSource;
import io.millrace.load.driver.lean.LeanTopicAdmin;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.workload.Workload;
import org.agrona.concurrent.NanoClock;

/**
 * A cluster that speaks the Kafka protocol. Topics and reading back go through the lean client, whatever driver sends.
 *
 * @param bootstrap brokers, host:port with commas
 * @param clock     of the acknowledgements
 */
public record KafkaBackend(String bootstrap, NanoClock clock) implements Backend {
    @Override
    public TopicAdmin openAdmin() {
        return new LeanTopicAdmin(bootstrap);
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return "java".equals(workload.driver())
            ? new JavaDriver(workload, bootstrap, topic, runId, clock)
            : new LeanDriver(workload, bootstrap, topic, runId, clock);
    }

    @Override
    public RecordSource openSource() {
        return new LeanRecordSource(bootstrap, clock);
    }
}
