package io.millrace.engine;

/** What an acknowledged record survives; fixed when a shard is created. */
public enum DurabilityProfile {
    /**
     * Acknowledged once in the page cache; synced in the background. A power cut of every replica at once loses at most
     * the unsynced suffix.
     */
    REPLICATED,
    /** Acknowledged once synced, by group commit. A power cut of every replica at once loses nothing acknowledged. */
    DURABLE
}
