package io.millrace.broker.node;

import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.CountersFile;
import io.millrace.transport.counters.PeakCounter;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * What one agent counts of itself. Owned by that agent's thread, but for {@link #usage}, which is the sampling
 * thread's.
 */
final class AgentCounters {
    private final AtomicCounter cpuNs;
    private final AtomicCounter allocatedLength;
    private final PeakCounter longestDutyCycleNs;
    private final AtomicCounter slowDutyCycleCount;
    private final AtomicCounter writeCount;
    private final AtomicCounter writeLength;
    private final AtomicCounter writeNs;
    private final PeakCounter longestWriteNs;
    private final AtomicCounter syncCount;
    private final AtomicCounter syncNs;
    private final PeakCounter longestSyncNs;

    AgentCounters(final CountersFile file, final AgentRole role) {
        cpuNs = counter(file, role, AgentCounter.CPU_NS);
        allocatedLength = counter(file, role, AgentCounter.ALLOCATED_LENGTH);
        longestDutyCycleNs = peak(file, role, AgentCounter.LONGEST_DUTY_CYCLE_NS);
        slowDutyCycleCount = counter(file, role, AgentCounter.SLOW_DUTY_CYCLE_COUNT);
        writeCount = counter(file, role, AgentCounter.WRITE_COUNT);
        writeLength = counter(file, role, AgentCounter.WRITE_LENGTH);
        writeNs = counter(file, role, AgentCounter.WRITE_NS);
        longestWriteNs = peak(file, role, AgentCounter.LONGEST_WRITE_NS);
        syncCount = counter(file, role, AgentCounter.SYNC_COUNT);
        syncNs = counter(file, role, AgentCounter.SYNC_NS);
        longestSyncNs = peak(file, role, AgentCounter.LONGEST_SYNC_NS);
    }

    void onDutyCycle(final long startNs, final long endNs) {
        final long lengthNs = endNs - startNs;
        longestDutyCycleNs.record(endNs, lengthNs);
        if (lengthNs >= AgentCounter.SLOW_DUTY_CYCLE_NS) {
            slowDutyCycleCount.incrementRelease();
        }
    }

    void onWrite(final int length, final long startNs, final long endNs) {
        if (writeCount != null) {
            writeCount.incrementRelease();
            writeLength.getAndAddRelease(length);
            writeNs.getAndAddRelease(endNs - startNs);
            longestWriteNs.record(endNs, endNs - startNs);
        }
    }

    void onSync(final long startNs, final long endNs) {
        if (syncCount != null) {
            syncCount.incrementRelease();
            syncNs.getAndAddRelease(endNs - startNs);
            longestSyncNs.record(endNs, endNs - startNs);
        }
    }

    /** What the thread has used so far; negative values are unknown and left out. */
    void usage(final long threadCpuNs, final long threadAllocatedLength) {
        if (threadCpuNs >= 0) {
            cpuNs.setRelease(threadCpuNs);
        }
        if (threadAllocatedLength >= 0) {
            allocatedLength.setRelease(threadAllocatedLength);
        }
    }

    private static AtomicCounter counter(final CountersFile file, final AgentRole role, final AgentCounter counter) {
        return counter.isOf(role) ? file.newCounter(counter.typeId(role), counter.label(role)) : null;
    }

    private static PeakCounter peak(final CountersFile file, final AgentRole role, final AgentCounter counter) {
        return counter.isOf(role) ? file.newPeak(counter.typeId(role), counter.label(role)) : null;
    }
}
