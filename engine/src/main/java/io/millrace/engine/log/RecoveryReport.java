package io.millrace.engine.log;

import java.util.List;

/**
 * What opening a log found.
 *
 * @param startPosition     base of the first segment
 * @param endPosition       behind the last whole frame
 * @param scannedLength     bytes of frames that were checked
 * @param tornPosition      where a torn tail was cut, -1 when the log ended cleanly
 * @param droppedFiles      segments behind a torn tail, deleted
 * @param quarantinedFiles  segments from a damaged one on, renamed; the log ends before them and the rest must come
 *                          from another replica
 * @param rebuiltIndexCount indexes that were missing or damaged
 * @param notes             one sentence per thing worth a line in the broker's log
 */
public record RecoveryReport(
    long startPosition,
    long endPosition,
    long scannedLength,
    long tornPosition,
    List<String> droppedFiles,
    List<String> quarantinedFiles,
    int rebuiltIndexCount,
    List<String> notes) {

    /** {@return whether segments were found damaged below the synced mark} */
    public boolean isQuarantined() {
        return !quarantinedFiles.isEmpty();
    }
}
