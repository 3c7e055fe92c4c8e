package io.millrace.system.chaos;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What all rounds of a run have in common.
 *
 * @param seed      decides the faults
 * @param kinds     of faults
 * @param ratePerS  records of one producer
 * @param launcher  the command that runs Millrace
 * @param overrides properties of every broker
 */
record RoundOptions(long seed, List<FaultKind> kinds, int ratePerS, Path launcher, Map<String, String> overrides) {
    boolean has(final FaultKind kind) {
        return kinds.contains(kind);
    }
}
