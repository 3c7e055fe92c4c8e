package io.millrace.engine.damage;

import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.Finding;
import io.millrace.engine.log.ShardVerifier;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What {@code millrace log verify} says of a directory. */
final class Verified implements ShardVerifier.Listener {
    final List<Finding> findings = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    private Verified() {
    }

    static Verified of(final LogStorage storage) throws IOException {
        final Verified verified = new Verified();
        new ShardVerifier(storage, ShardState::new, verified, false).run();
        return verified;
    }

    /** {@return position of the first damaged frame, -1 when there is none} */
    long firstFrame() {
        return findings.stream().filter(finding -> finding.kind() == Finding.Kind.SEGMENT)
            .mapToLong(Finding::position).findFirst().orElse(-1);
    }

    boolean names(final String file) {
        return findings.stream().anyMatch(finding -> finding.file().equals(file));
    }

    @Override
    public void onFinding(final Finding finding) {
        findings.add(finding);
    }

    @Override
    public void onNote(final String note) {
        notes.add(note);
    }

    @Override
    public boolean onProgress(final long doneLength, final long totalLength) {
        return true;
    }
}
