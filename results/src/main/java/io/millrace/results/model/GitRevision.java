package io.millrace.results.model;

/**
 * The source the measured code was built from.
 *
 * @param sha   commit id, or "unknown"
 * @param dirty true if the tree had changes beside that commit
 */
public record GitRevision(String sha, boolean dirty) {
    /** {@return the value for a build that does not know its commit} */
    public static GitRevision unknown() {
        return new GitRevision("unknown", false);
    }
}
