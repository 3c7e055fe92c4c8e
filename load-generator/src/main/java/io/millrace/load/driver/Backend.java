package io.millrace.load.driver;

import io.millrace.load.workload.Workload;

/** Opens what a run needs of the system under test; every call is bounded in time. */
public interface Backend {
    /** {@return the way to its topics, or null if it has none (null driver)} */
    TopicAdmin openAdmin();

    /**
     * Opens the driver a workload names.
     *
     * @param workload what is run
     * @param topic    records go to
     * @param runId    of every record
     * @return the driver
     */
    LoadDriver openDriver(Workload workload, String topic, long runId);

    /** {@return the way to read records back; only asked for if there is an admin} */
    RecordSource openSource();
}
