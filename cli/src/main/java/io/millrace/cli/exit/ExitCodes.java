package io.millrace.cli.exit;

/** Exit codes all commands share; a command's own codes are in its help. */
public final class ExitCodes {
    /** Done. */
    public static final int OK = 0;
    /** Failed, for a reason that is printed. */
    public static final int FAILED = 1;
    /** The command line was wrong. */
    public static final int USAGE = 2;
    /** The cluster could not be reached or did not become ready. */
    public static final int UNREACHABLE = 3;
    /** Acknowledged records were lost, doubled, out of order or damaged. */
    public static final int RECORDS_LOST = 5;
    /** Interrupted by the user. */
    public static final int INTERRUPTED = 130;

    private ExitCodes() {
    }
}
