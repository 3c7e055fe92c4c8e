package io.millrace.jmh;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/** Processor time in relation to time, from the moment it was made. Owned by the thread that made it. */
public final class CpuShare {
    private static final double PERCENT = 100;

    private final LongSupplier cpuTimeNs;
    private final long startCpuNs;
    private final long startNs;

    private CpuShare(final LongSupplier cpuTimeNs) {
        this.cpuTimeNs = cpuTimeNs;
        this.startCpuNs = cpuTimeNs.getAsLong();
        this.startNs = System.nanoTime();
    }

    /** {@return one that counts all threads of this process} */
    public static CpuShare ofProcess() {
        final OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new CpuShare(system::getProcessCpuTime);
    }

    /**
     * {@return one that counts a single thread}
     *
     * @param thread alive until the share is read
     */
    public static CpuShare ofThread(final Thread thread) {
        final long id = thread.getId();
        return new CpuShare(() -> ManagementFactory.getThreadMXBean().getThreadCpuTime(id));
    }

    /** {@return percent of one core since the beginning} */
    public double percent() {
        return (cpuTimeNs.getAsLong() - startCpuNs) * PERCENT / Math.max(1, System.nanoTime() - startNs);
    }
}
