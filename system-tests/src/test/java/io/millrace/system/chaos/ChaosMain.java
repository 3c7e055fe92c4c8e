package io.millrace.system.chaos;

import java.util.List;

/** The command {@code chaos}. Owned by the main thread. */
public final class ChaosMain {
    private ChaosMain() {
    }

    /**
     * Runs it and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(final String[] args) {
        System.out.println("millrace chaos " + String.join(" ", List.of(args)));
        System.exit(0);
    }
}
