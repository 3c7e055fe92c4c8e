package io.millrace.engine.rig;

/** The JVM flags that the benchmarks' forks need; constants, because annotations take nothing else. */
public final class Flags {
    /** Agrona and Aeron reach into the JDK's internals. */
    public static final String OPEN_MISC = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
    /** Agrona and Aeron reach into the JDK's internals. */
    public static final String OPEN_NIO = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";
    /** A heap of one size, so that its growth is not part of what is measured. */
    public static final String HEAP_MIN = "-Xms1g";
    /** A heap of one size, so that its growth is not part of what is measured. */
    public static final String HEAP_MAX = "-Xmx1g";

    private Flags() {
    }
}
