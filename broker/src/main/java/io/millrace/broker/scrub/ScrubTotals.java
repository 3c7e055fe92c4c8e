package io.millrace.broker.scrub;

/** What a node's scrub has done since its start. Owned by the maintenance thread. */
public final class ScrubTotals {
    long scrubbedLength;
    long checkedCount;
    long passCount;
    long findingCount;
    long quarantinedCount;
    long repairedCount;
    long liftedCount;
    long fetchedLength;
    long failedFetchCount;
    long servedLength;
    long refusedCount;

    /** {@return bytes of segments read by passes} */
    public long scrubbedLength() {
        return scrubbedLength;
    }

    /** {@return segments checked by passes} */
    public long checkedCount() {
        return checkedCount;
    }

    /** {@return passes through a shard} */
    public long passCount() {
        return passCount;
    }

    /** {@return findings} */
    public long findingCount() {
        return findingCount;
    }

    /** {@return segments put into quarantine} */
    public long quarantinedCount() {
        return quarantinedCount;
    }

    /** {@return segments replaced by another replica's bytes} */
    public long repairedCount() {
        return repairedCount;
    }

    /** {@return segments in quarantine at a start that were whole after all} */
    public long liftedCount() {
        return liftedCount;
    }

    /** {@return bytes fetched from other replicas} */
    public long fetchedLength() {
        return fetchedLength;
    }

    /** {@return replicas that did not give a segment, or gave a wrong one} */
    public long failedFetchCount() {
        return failedFetchCount;
    }

    /** {@return bytes read for other replicas} */
    public long servedLength() {
        return servedLength;
    }

    /** {@return requests of other replicas that were refused} */
    public long refusedCount() {
        return refusedCount;
    }
}
