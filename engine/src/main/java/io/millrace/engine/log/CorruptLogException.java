package io.millrace.engine.log;

import java.io.IOException;

/** The log is damaged where it was synced, and it must not be opened without what is lost. */
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1;

    private final String damage;

    /**
     * Names what is damaged.
     *
     * @param damage file, position and what is wrong there
     * @param remedy for a sole replica
     */
    public CorruptLogException(final String damage, final String remedy) {
        super(damage + "; " + remedy);
        this.damage = damage;
    }

    /** {@return file, position and what is wrong there, without a remedy} */
    public String damage() {
        return damage;
    }
}
