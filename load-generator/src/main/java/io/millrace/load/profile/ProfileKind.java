package io.millrace.load.profile;

import io.millrace.load.workload.WorkloadException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a flame graph is about. */
public enum ProfileKind {
    /** Where threads run: samples of what each thread in Java code executes. */
    CPU("processor time", "samples"),
    /** Where memory is allocated: bytes, by sampled allocations. */
    ALLOC("allocation", "bytes"),
    /** Where threads wait for a lock that another one holds: nanoseconds. */
    LOCK("waiting for locks", "ns");

    private static final int CPU_TIME_SAMPLE_FEATURE = 25;

    private final String title;
    private final String unit;

    ProfileKind(final String title, final String unit) {
        this.title = title;
        this.unit = unit;
    }

    /**
     * {@return the kind of that name}
     *
     * @param word cpu, alloc or lock
     */
    public static ProfileKind of(final String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst().orElseThrow(() ->
            new WorkloadException("profile: value=" + word + " is none of cpu, alloc, lock"));
    }

    /** {@return its name on the command line and in file names} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    /** {@return what flight recordings need beside the settings "profile", event#setting=value} */
    List<String> settings() {
        return switch (this) {
            case CPU -> Runtime.version().feature() >= CPU_TIME_SAMPLE_FEATURE
                ? List.of("jdk.CPUTimeSample#enabled=true", "jdk.CPUTimeSample#throttle=5ms") : List.of();
            case ALLOC -> List.of("jdk.ObjectAllocationSample#enabled=true",
                "jdk.ObjectAllocationSample#throttle=1000/s");
            case LOCK -> List.of("jdk.JavaMonitorEnter#enabled=true", "jdk.JavaMonitorEnter#threshold=0ms",
                "jdk.ThreadPark#enabled=true", "jdk.ThreadPark#threshold=0ms");
        };
    }
}
