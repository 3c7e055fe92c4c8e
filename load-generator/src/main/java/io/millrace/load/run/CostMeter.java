package io.millrace.load.run;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.millrace.results.model.Cost;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Reads what this process and the local brokers have used, at the start and the end of the measured phase. */
final class CostMeter {
    private static final double NS_PER_MS = 1e6;
    private static final double BYTES_PER_GB = 1e9;

    private final List<Long> brokerIds;
    private Reading start;
    private Reading end;

    /**
     * @param brokerIds processes of local brokers, may be empty
     */
    CostMeter(final List<Long> brokerIds) {
        this.brokerIds = List.copyOf(brokerIds);
    }

    /**
     * Marks the start of the measured phase.
     *
     * @param ackedCount records acknowledged so far
     */
    void start(final long ackedCount) {
        start = read(ackedCount);
    }

    /**
     * Marks its end; only the first call counts.
     *
     * @param ackedCount records acknowledged so far
     */
    void end(final long ackedCount) {
        if (end == null) {
            end = read(ackedCount);
        }
    }

    /**
     * {@return what the measured phase cost, null if it was not measured}
     *
     * @param recordLength of each record
     */
    Cost cost(final int recordLength) {
        if (start == null || end == null || end.ackedCount == start.ackedCount) {
            return null;
        }
        final long ackedCount = end.ackedCount - start.ackedCount;
        final double payloadLength = (double) ackedCount * recordLength;
        final boolean isBrokerKnown = !brokerIds.isEmpty() && start.brokerCpuS >= 0 && end.brokerCpuS >= 0;
        final boolean isDiskKnown = !brokerIds.isEmpty() && start.brokerWritten >= 0 && end.brokerWritten >= 0;
        final long written = end.brokerWritten - start.brokerWritten;
        return new Cost(
            start.clientCpuNs < 0 ? null : (double) (end.clientCpuNs - start.clientCpuNs) / ackedCount,
            isBrokerKnown ? (end.brokerCpuS - start.brokerCpuS) / (payloadLength / BYTES_PER_GB) : null,
            (double) Math.max(0, end.allocated - start.allocated) / ackedCount,
            (long) ((end.gcPauseMs - start.gcPauseMs) * NS_PER_MS),
            isDiskKnown ? written : null,
            null,
            isDiskKnown ? written / payloadLength : null);
    }

    private Reading read(final long ackedCount) {
        long gcPauseMs = 0;
        for (final GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            gcPauseMs += Math.max(0, collector.getCollectionTime());
        }
        long clientCpuNs = -1;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            clientCpuNs = system.getProcessCpuTime();
        }
        return new Reading(ackedCount, clientCpuNs, allocated(), gcPauseMs, LocalBrokers.cpuSeconds(brokerIds),
            LocalBrokers.diskWriteLength(brokerIds));
    }

    private static long allocated() {
        long sum = 0;
        if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
            for (final long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
                sum += Math.max(0, bytes);
            }
        }
        return sum;
    }

    private record Reading(
        long ackedCount, long clientCpuNs, long allocated, long gcPauseMs, double brokerCpuS, long brokerWritten) {
    }
}
