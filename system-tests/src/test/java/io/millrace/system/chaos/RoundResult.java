package io.millrace.system.chaos;

import io.millrace.system.history.Verdict;
import java.util.List;
import java.util.Map;

/**
 * One life of a cluster.
 *
 * @param round         number, from 0
 * @param firstCycle    of it
 * @param cycles        done
 * @param startedAt     wall clock
 * @param lengthMs      of all of it
 * @param verdict       over the clients' history, null when it could not be reached
 * @param clientErrors  what producers and consumers were told, which may be
 * @param clientFaults  what clients may never be told
 * @param comparedBytes of replicas that were found the same on all nodes
 * @param problems      of the round as a whole
 */
record RoundResult(int round, int firstCycle, List<CycleResult> cycles, String startedAt, long lengthMs,
    Verdict verdict, Map<String, Long> clientErrors, Map<String, Long> clientFaults, long comparedBytes,
    List<String> problems) {
    boolean isIncorrect() {
        return verdict != null && !verdict.anomalies().isEmpty() || !clientFaults.isEmpty()
            || problems.stream().anyMatch(problem -> problem.startsWith(ReplicaComparison.DIFFERENT));
    }

    boolean isFailed() {
        return isIncorrect() || verdict == null || !verdict.undrained().isEmpty() || !problems.isEmpty()
            || cycles.stream().anyMatch(cycle -> CycleResult.FAILED.equals(cycle.status()));
    }

    boolean isInvalid() {
        return cycles.stream().anyMatch(cycle -> CycleResult.INVALID.equals(cycle.status()));
    }
}
