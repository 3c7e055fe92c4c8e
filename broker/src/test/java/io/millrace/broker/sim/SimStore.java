package io.millrace.broker.sim;

import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.shard.SegmentedShardLog;

import java.io.IOException;
import java.util.random.RandomGenerator;

/** One shard's disk on one broker, and the real log that lives on it. */
interface SimStore {
    /** Opens the log as a starting process does; recovers it. */
    SegmentedShardLog open(ProduceOutcomes outcomes) throws IOException;

    /**
     * The syncer's and the maintenance thread's duty cycles.
     *
     * @return work count
     */
    int background();

    /** Lets the next sync fail. */
    void failNextSync();

    /**
     * Flips a bit of a sealed segment or of its index, if there is one that the shard's recovery takes for granted.
     *
     * @return whether there was one
     */
    boolean rot(RandomGenerator random);

    /** {@return whether a verification of the closed part of the log finds nothing} */
    boolean isSound();

    /** The process is killed: files stay as they were written. */
    void kill();

    /** The power goes: what was not synced is lost, in whole or in part. */
    void powerLoss();
}
