package io.millrace.load.run;

/**
 * Whose work the processors of this machine did over the measured phase, each as a part of their time; immutable.
 *
 * @param own    this process, the brokers, and interrupts: nearly all of them are theirs
 * @param others every other process
 * @param stolen by the hypervisor
 */
record ProcessorUse(double own, double others, double stolen) {
    static final double CROWDED = 0.8;
    static final double MOST_OTHERS = 0.1;
    static final double MOST_STOLEN = 0.02;

    /**
     * {@return the use between two readings, null if one of them is missing or no time passed}
     *
     * @param start of the measured phase, may be null
     * @param end   of it, may be null
     * @param ownNs processor time of this process and all brokers between them, -1 if that is not known
     */
    static ProcessorUse between(final ProcFiles.Processors start, final ProcFiles.Processors end, final long ownNs) {
        if (start == null || end == null || ownNs < 0 || end.allNs() <= start.allNs()) {
            return null;
        }
        final double allNs = end.allNs() - start.allNs();
        final long processesNs = end.processesNs() - start.processesNs();
        final long interruptsNs = end.interruptsNs() - start.interruptsNs();
        return new ProcessorUse((Math.min(ownNs, processesNs) + interruptsNs) / allNs,
            Math.max(0, processesNs - ownNs) / allNs, (end.stolenNs() - start.stolenNs()) / allNs);
    }

    /** {@return whether the run's own processes took the processors from each other, and nobody else did} */
    boolean isCrowdedByTheRun() {
        return own >= CROWDED && others <= MOST_OTHERS && stolen <= MOST_STOLEN;
    }
}
