package io.millrace.system.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is done to processes. Owned by the main thread. */
final class ProcessFaults {
    private static final long STATE_TIMEOUT_S = 120;

    private ProcessFaults() {
    }

    /** kill -9 of some nodes at once. */
    record Kill(List<ChaosNode> victims) implements Fault {
        @Override
        public void inject() {
            victims.forEach(ChaosNode::sendKill);
        }

        @Override
        public String prove() throws Wait.TooLateException {
            final List<String> seen = new ArrayList<>();
            for (final ChaosNode victim : victims) {
                seen.add("node " + victim.id() + " " + victim.awaitKilled());
            }
            return String.join(", ", seen);
        }

        @Override
        public String heal() throws IOException {
            for (final ChaosNode victim : victims) {
                victim.start();
            }
            return "started again";
        }
    }

    /** What is done to one node. */
    private abstract static class OfOne implements Fault {
        final ChaosNode victim;

        OfOne(final ChaosNode victim) {
            this.victim = victim;
        }

        @Override
        public final List<ChaosNode> victims() {
            return List.of(victim);
        }
    }

    /** An orderly end of one node. */
    static final class Stop extends OfOne {
        private String seen;

        Stop(final ChaosNode victim) {
            super(victim);
        }

        @Override
        public void inject() throws IOException {
            try {
                seen = victim.stop();
            } catch (final Wait.TooLateException ex) {
                throw new IOException(ex.getMessage(), ex);
            }
        }

        @Override
        public String prove() throws Wait.TooLateException {
            if (!seen.contains("exit code 0 ")) {
                throw new Wait.TooLateException("not an orderly end: " + seen, null);
            }
            return seen;
        }

        @Override
        public String heal() throws IOException {
            victim.start();
            return "started again";
        }
    }

    /** SIGSTOP. */
    static final class Pause extends OfOne {
        private long pid;

        Pause(final ChaosNode victim) {
            super(victim);
        }

        @Override
        public void inject() throws IOException {
            pid = victim.pid();
            victim.signal("STOP");
        }

        @Override
        public String prove() throws Wait.TooLateException {
            Wait.until(STATE_TIMEOUT_S, () -> "stop of pid " + pid, () -> Leftovers.processState(pid) == 'T');
            return "pid " + pid + " in state T";
        }

        @Override
        public String heal() throws IOException {
            final char state = Leftovers.processState(pid);
            victim.signal("CONT");
            return "pid " + pid + " was in state " + state + " to the end, continued";
        }
    }
}
