package io.millrace.broker.metadata;

/** Says whether this broker deserves to be held for alive: every agent that leads a shard has beaten lately. */
@FunctionalInterface
public interface LivenessGate {
    /** Always alive. */
    LivenessGate ALWAYS = nowNs -> true;

    /**
     * {@return whether to keep the session with the quorum}
     *
     * @param nowNs monotonic time
     */
    boolean isAlive(long nowNs);
}
