package io.millrace.load.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One fault on the timeline of the measured phase.
 *
 * @param atNs       since the start of the measured phase
 * @param action     what is done
 * @param target     whom it hits
 * @param durationNs of a pause or partition; 0 for the others
 */
public record FaultStep(long atNs, Action action, String target, long durationNs) {
    private static final int MAX_STEPS = 100;
    private static final String FORM = "such as \"20s kill leader; 35s restart last; 45s pause node-2 for 3s\"";

    /** What can be done to a node. */
    public enum Action {
        /** SIGKILL. */
        KILL,
        /** SIGTERM. */
        TERM,
        /** SIGSTOP, and SIGCONT when its time is over. */
        PAUSE,
        /** Starts the nodes that do not run. */
        RESTART,
        /** What other nodes send does not reach it until its time is over. */
        PARTITION;

        /** {@return the word for it} */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads the timeline.
     *
     * @param text steps with semicolons; blank for none
     * @return the steps in the order of their time
     */
    public static List<FaultStep> parse(final String text) {
        final List<FaultStep> steps = new ArrayList<>();
        for (final String part : text.split(";")) {
            if (!part.isBlank()) {
                steps.add(step(part.trim()));
            }
        }
        if (steps.size() > MAX_STEPS) {
            throw new WorkloadException("faults: count=" + steps.size() + " is too many; use up to " + MAX_STEPS);
        }
        for (int i = 1; i < steps.size(); i++) {
            final FaultStep before = steps.get(i - 1);
            if (steps.get(i).atNs < before.atNs + before.durationNs) {
                throw new WorkloadException("faults: " + steps.get(i).word() + " begins before \"" + before.word()
                    + "\" has ended; put them in order, one after the other");
            }
        }
        return List.copyOf(steps);
    }

    /** {@return as the option has it} */
    public String word() {
        return Units.exactDuration(atNs) + " " + action.word() + " " + target
            + (durationNs > 0 ? " for " + Units.exactDuration(durationNs) : "");
    }

    private static FaultStep step(final String text) {
        final String[] words = text.toLowerCase(Locale.ROOT).split("\\s+");
        final boolean isLong = words.length == 5 && "for".equals(words[3]);
        if (words.length != 3 && !isLong) {
            throw new WorkloadException("faults: value=" + text + " is not TIME ACTION TARGET [for TIME], " + FORM);
        }
        final long atNs = Units.durationNsOf("faults", words[0]);
        final Action action = switch (words[1]) {
            case "kill" -> Action.KILL;
            case "term" -> Action.TERM;
            case "pause" -> Action.PAUSE;
            case "restart" -> Action.RESTART;
            case "partition" -> Action.PARTITION;
            default -> throw new WorkloadException("faults: action=" + words[1] + " is none of kill, term, pause, "
                + "restart, partition, " + FORM);
        };
        final boolean isRestart = action == Action.RESTART;
        if (isRestart != "last".equals(words[2])
            || !isRestart && !words[2].matches("leader|follower|controller|node-[0-9]{1,6}")) {
            throw new WorkloadException("faults: target=" + words[2] + " cannot be; kill, pause and partition take "
                + "leader, follower, controller or node-ID, restart takes last");
        }
        final boolean isTimed = action == Action.PAUSE || action == Action.PARTITION;
        if (isTimed != isLong) {
            throw new WorkloadException("faults: value=" + text + (isTimed ? " needs \"for TIME\"" : " takes no time")
                + ", " + FORM);
        }
        final long durationNs = isLong ? Units.durationNsOf("faults", words[4]) : 0;
        if (isLong && durationNs < 1_000_000) {
            throw new WorkloadException("faults: value=" + text + " lasts less than 1 ms; make it longer");
        }
        return new FaultStep(atNs, action, words[2], durationNs);
    }
}
