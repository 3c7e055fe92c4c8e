package io.millrace.system.history;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a history comes to.
 *
 * @param anomalies        how often each was found
 * @param findings         the first ones in words
 * @param sent             records with a known end
 * @param acked            of them acknowledged
 * @param failed           of them refused for certain
 * @param unknown          of them with an unknown outcome
 * @param unknownPresent   of those with an unknown outcome found by the final reader
 * @param polled           by consumers
 * @param drained          by the final reader
 * @param retriedTwice     records of producers without idempotence that are there more than once, which may be
 * @param ackedByLeader    acknowledged with acks=1
 * @param lostByLeader     of those lost, each at the end of what its leader had
 * @param longestLeaderRun the most of them lost in one lane at one change of leaders
 * @param undrained        partitions that the final reader did not finish; with any of them nothing is proved
 */
public record Verdict(Map<Anomaly, Long> anomalies, List<String> findings, long sent, long acked, long failed,
    long unknown, long unknownPresent, long polled, long drained, long retriedTwice, long ackedByLeader,
    long lostByLeader, long longestLeaderRun, List<Integer> undrained) {

    /** Keeps the order of the anomalies. */
    public Verdict {
        anomalies = new EnumMap<>(anomalies.isEmpty() ? new EnumMap<>(Anomaly.class) : anomalies);
    }

    /** {@return the kinds that were found} */
    public Set<Anomaly> kinds() {
        return anomalies.keySet();
    }

    /** {@return whether everything was read and nothing was wrong} */
    public boolean isGood() {
        return anomalies.isEmpty() && undrained.isEmpty();
    }

    /** {@return one line} */
    public String describe() {
        final String found = anomalies.isEmpty() ? "no anomaly" : anomalies.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(" "));
        return found + (undrained.isEmpty() ? "" : ", not read to the end: partitions " + undrained)
            + "; sent=" + sent + " acked=" + acked + " refused=" + failed + " unknown=" + unknown + " (there="
            + unknownPresent + ") polled=" + polled + " read back=" + drained + " retried twice=" + retriedTwice
            + "; acks=1: acked=" + ackedByLeader + " lost=" + lostByLeader + " longest run=" + longestLeaderRun;
    }
}
