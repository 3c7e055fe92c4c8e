package io.millrace.broker.sim;

import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.ShardLog;

/** One shard's disk on one broker, and the real log that lives on it. */
interface SimStore {
    /** Opens the log as a starting process does; recovers it. */
    ShardLog open(ProduceOutcomes outcomes);

    /**
     * The syncer's and the maintenance thread's duty cycles.
     *
     * @return work count
     */
    int background(long nowNs);

    /** The process is killed: files stay as they were written. */
    void kill();

    /** The power goes: what was not synced is lost, in whole or in part. */
    void powerLoss();
}
