package io.millrace.load.run;

import io.millrace.results.model.RunDocument;
import java.nio.file.Path;
import java.util.List;

/**
 * What became of a run.
 *
 * @param directory of its result
 * @param document  as written
 * @param exitCode  what a command that did only this is to end with
 * @param findings  first faults found by verification, in words
 */
public record RunReport(Path directory, RunDocument document, int exitCode, List<String> findings) {
}
