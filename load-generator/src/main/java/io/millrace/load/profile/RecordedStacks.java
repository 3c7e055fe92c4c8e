package io.millrace.load.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * The stacks of a flight recording. Immutable but for its tree.
 *
 * @param tree      of them
 * @param kind      which events count
 * @param isCpuTime true if they were sampled by processor time
 */
record RecordedStacks(FlameTree tree, ProfileKind kind, boolean isCpuTime) {
    private static final String EXECUTION = "jdk.ExecutionSample";
    private static final String CPU_TIME = "jdk.CPUTimeSample";
    private static final String ALLOCATION = "jdk.ObjectAllocationSample";
    private static final String MONITOR = "jdk.JavaMonitorEnter";
    private static final String PARK = "jdk.ThreadPark";

    private static final String HIDDEN_CLASS_ADDRESS = "[/.]0x[0-9a-f]+";

    /**
     * {@return the stacks of a recording}
     *
     * @param recording file
     * @param kind      which events count
     * @param from      first moment
     * @param to        last moment
     * @throws IOException when the file cannot be read
     */
    static RecordedStacks read(final Path recording, final ProfileKind kind, final Instant from, final Instant to)
        throws IOException {
        final FlameTree tree = new FlameTree();
        final FlameTree byCpuTime = new FlameTree(); // newer JVMs sample by processor time, which is what is meant
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                final RecordedEvent event = file.readEvent();
                if (event.getStackTrace() != null && !event.getEndTime().isBefore(from)
                    && !event.getStartTime().isAfter(to)) {
                    add(event, kind, CPU_TIME.equals(event.getEventType().getName()) ? byCpuTime : tree);
                }
            }
        }
        final boolean isCpuTime = byCpuTime.sampleCount() > 0;
        return new RecordedStacks(isCpuTime ? byCpuTime : tree, kind, isCpuTime);
    }

    /** {@return from what a graph of it is made, in sentences} */
    String detail(final Instant from, final Instant to) {
        final String count = String.format(Locale.ROOT, "%,d", tree.sampleCount());
        final String end = String.format(Locale.ROOT, " Measured phase only, %.1f s; from the flight recording beside "
            + "this page.", Duration.between(from, to).toMillis() / 1e3);
        return switch (kind) {
            case CPU -> count + (isCpuTime ? " samples by processor time, native code and system calls below the Java "
                + "call that made them." : " samples of threads that execute Java code. What threads spend in system "
                + "calls and other native code is not seen: with a JDK 25 or newer it is.") + end;
            case ALLOC -> count + " sampled allocations, each standing for the bytes allocated since the one before; "
                + "the innermost box is what was allocated." + end;
            case LOCK -> count + " waits for a monitor or a lock that another thread held; the innermost box is the "
                + "lock. Waiting for work is left out." + end;
            default -> throw new IllegalArgumentException("kind=" + kind);
        };
    }

    private static void add(final RecordedEvent event, final ProfileKind kind, final FlameTree tree) {
        final String type = event.getEventType().getName();
        switch (kind) {
            case CPU -> {
                if (EXECUTION.equals(type)) {
                    tree.add(stack(event, event.getThread("sampledThread"), null), 1);
                } else if (CPU_TIME.equals(type)) {
                    tree.add(stack(event, event.getThread(), null), 1);
                }
            }
            case ALLOC -> {
                if (ALLOCATION.equals(type) && event.getLong("weight") > 0) {
                    tree.add(stack(event, event.getThread(), name(event, "objectClass")), event.getLong("weight"));
                }
            }
            case LOCK -> {
                final String lock = MONITOR.equals(type) ? name(event, "monitorClass")
                    : PARK.equals(type) ? name(event, "parkedClass") : null;
                // parked for a condition, or without a lock, is waiting for work
                final boolean isContended = lock != null && (MONITOR.equals(type) || lock.endsWith("Sync"));
                if (isContended && event.getDuration().toNanos() > 0) {
                    tree.add(stack(event, event.getThread(), lock), event.getDuration().toNanos());
                }
            }
            default -> throw new IllegalArgumentException("kind=" + kind);
        }
    }

    /** The thread first, then the calls, the outermost first, then what was allocated or waited for. */
    private static List<String> stack(final RecordedEvent event, final RecordedThread thread, final String leaf) {
        final List<String> stack = new ArrayList<>();
        if (leaf != null) {
            stack.add(leaf);
        }
        for (final RecordedFrame frame : event.getStackTrace().getFrames()) {
            final RecordedMethod method = frame.getMethod();
            stack.add(method == null ? "?" : method.getType().getName().replaceAll(HIDDEN_CLASS_ADDRESS, "")
                + "." + method.getName());
        }
        stack.add(thread == null ? "?" : thread.getJavaName() == null ? thread.getOSName() : thread.getJavaName());
        Collections.reverse(stack);
        return stack;
    }

    private static String name(final RecordedEvent event, final String field) {
        final RecordedClass type = event.getClass(field);
        return type == null ? null : type.getName();
    }
}
