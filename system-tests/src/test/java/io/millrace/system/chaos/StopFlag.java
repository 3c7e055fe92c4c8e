package io.millrace.system.chaos;

/** Set when the user wants the run to end; any thread. */
final class StopFlag {
    private volatile boolean isSet;

    void set() {
        isSet = true;
    }

    boolean isSet() {
        return isSet;
    }
}
