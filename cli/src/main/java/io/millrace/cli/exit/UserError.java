package io.millrace.cli.exit;

import java.util.Objects;

/** A failure that the user can mend: shown as its message and remedy, without a stack trace. */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String remedy;
    private final int exitCode;

    /**
     * An error that ends the command with {@link ExitCodes#FAILED}.
     *
     * @param message what went wrong, with the value and the limit.
     * @param remedy  what to do about it.
     */
    public UserError(final String message, final String remedy) {
        this(ExitCodes.FAILED, message, remedy);
    }

    /**
     * @param exitCode of the process.
     * @param message  what went wrong, with the value and the limit.
     * @param remedy   what to do about it.
     */
    public UserError(final int exitCode, final String message, final String remedy) {
        super(message);
        this.exitCode = exitCode;
        this.remedy = Objects.requireNonNull(remedy);
    }

    /** {@return what the user can do} */
    public String remedy() {
        return remedy;
    }

    /** {@return the exit code of the process} */
    public int exitCode() {
        return exitCode;
    }
}
