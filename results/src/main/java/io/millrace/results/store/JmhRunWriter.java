package io.millrace.results.store;

import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunKind;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Writes the directory of a JMH run around the file that JMH itself writes; may be shared by threads, the first end
 * counts. A process that dies leaves a run marked running, which readers take for interrupted.
 */
public final class JmhRunWriter {
    private final Path dir;
    private final RunDocument document;
    private boolean isEnded;

    private JmhRunWriter(final Path dir, final RunDocument document) {
        this.dir = dir;
        this.document = document;
    }

    /**
     * Begins a run in a new or empty directory; nothing is ever overwritten.
     *
     * @param dir    run directory, created with its parents if absent
     * @param header what is known of the run
     * @return the writer, to be finished or discarded
     */
    public static JmhRunWriter create(final Path dir, final RunHeader header) {
        RunDirectories.createEmpty(dir);
        final RunDocument document = RunDocument.running(header).ofKind(RunKind.JMH);
        Json.replace(dir.resolve(RunFiles.RUN), document);
        return new JmhRunWriter(dir, document);
    }

    /** {@return where JMH's JSON belongs} */
    public Path resultFile() {
        return dir.resolve(RunFiles.JMH_RESULT);
    }

    /**
     * Ends the run; without effect if it has ended already.
     *
     * @param status ok, failed or interrupted
     * @param notes  sentences for the reader
     */
    public synchronized void finish(final RunStatus status, final List<String> notes) {
        if (!isEnded) {
            isEnded = true;
            Json.replace(dir.resolve(RunFiles.RUN), document.ended(
                new RunOutcome(status, List.of(), notes, null, null), Instant.now(), Map.of()));
        }
    }

    /** Takes the run back, because JMH had nothing to run: its directory is removed unless something else is in it. */
    public synchronized void discard() {
        isEnded = true;
        try {
            Files.deleteIfExists(dir.resolve(RunFiles.RUN));
            Files.deleteIfExists(dir);
        } catch (final java.nio.file.DirectoryNotEmptyException ex) {
            return; // not ours to remove
        } catch (final IOException ex) {
            throw new ResultsException("cannot remove the run directory " + dir + ": " + ex + "; remove it by hand",
                ex);
        }
    }
}
