package io.millrace.system.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is done to a cluster; the names are the ones of {@code --faults}. */
enum FaultKind {
    /** kill -9 of one broker. */
    KILL(List.of("leader", "follower", "metadata-leader")),
    /** kill -9 of all brokers together. */
    KILL_ALL(List.of("all")),
    /** SIGTERM, the broker hands over. */
    STOP(List.of("leader", "follower", "metadata-leader")),
    /** SIGSTOP below and above the session time-out, and above what the process survives. */
    PAUSE(List.of("short-leader", "long-leader", "short-follower", "long-follower", "short-metadata-leader",
        "long-metadata-leader", "beyond-leader")),
    /** Nodes do not hear each other. */
    PARTITION(List.of("isolated-leader", "isolated-follower", "isolated-metadata-leader", "deaf-leader",
        "mute-leader", "cut-off-leader", "ring")),
    /** A part of all datagrams and segments is lost. */
    LOSS(List.of("one", "all")),
    /** The disk of one broker is full. */
    DISK_FULL(List.of("disk")),
    /** Writes to the logs of one broker fail. */
    IO_ERROR(List.of("leader", "follower"));

    private final List<String> variants;

    FaultKind(final List<String> variants) {
        this.variants = variants;
    }

    List<String> variants() {
        return variants;
    }

    String commandName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static FaultKind parse(final String name) {
        return Arrays.stream(values()).filter(kind -> kind.commandName().equals(name)).findFirst().orElse(null);
    }

    /** {@return why it cannot be done here, or null} */
    String whyNot() {
        return switch (this) {
            case PARTITION, LOSS -> Networks.whyNot();
            case DISK_FULL -> Shell.isRoot() ? null : "a small disk needs root";
            case IO_ERROR -> ShimLibrary.whyNot();
            default -> null;
        };
    }
}
