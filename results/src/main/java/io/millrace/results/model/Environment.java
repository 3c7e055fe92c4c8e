package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.List;

/**
 * The machine a run was measured on. What could not be read is null.
 *
 * @param fingerprint     SHA-256 over what makes two machines comparable: processor, cores, memory, kernel, JDK, file
 *                        system, governor
 * @param host            its name
 * @param cpu             processor model
 * @param cores           processors available to this process
 * @param virtualised     true if the processor says it is a guest's
 * @param governor        frequency governor
 * @param memoryBytes     of the machine
 * @param kernel          release
 * @param os              name of the distribution
 * @param cgroup          limits of this process
 * @param jdk             vendor and version
 * @param jvmFlags        of the measuring process
 * @param disk            where the brokers' data lies
 * @param clocksource     of the kernel
 * @param devShmBytes     capacity of /dev/shm
 * @param rmemMaxBytes    largest socket receive buffer
 * @param wmemMaxBytes    largest socket send buffer
 * @param loadAverage1m   before the run
 * @param idle            what it did before a series while nothing was started yet; null if nobody looked
 */
public record Environment(
    String fingerprint,
    String host,
    String cpu,
    int cores,
    Boolean virtualised,
    String governor,
    @JsonProperty("memory_bytes") Long memoryBytes,
    String kernel,
    String os,
    Cgroup cgroup,
    String jdk,
    List<String> jvmFlags,
    Disk disk,
    String clocksource,
    @JsonProperty("dev_shm_bytes") Long devShmBytes,
    @JsonProperty("rmem_max_bytes") Long rmemMaxBytes,
    @JsonProperty("wmem_max_bytes") Long wmemMaxBytes,
    @JsonProperty("load_average_1m") Double loadAverage1m,
    Idle idle) {
    /**
     * The same machine, of which more is known.
     *
     * @param otherDisk where the brokers' data lies
     * @param otherIdle what it did before a series
     * @return a copy
     */
    public Environment with(final Disk otherDisk, final Idle otherIdle) {
        return new Environment(fingerprint, host, cpu, cores, virtualised, governor, memoryBytes, kernel, os, cgroup,
            jdk, jvmFlags, otherDisk, clocksource, devShmBytes, rmemMaxBytes, wmemMaxBytes, loadAverage1m, otherIdle);
    }

    /**
     * Stalls of an idle thread before a series, while this tool did nothing and had started nothing: no latency that is
     * measured afterwards can be better.
     *
     * @param durationNs how long it was looked
     * @param count      of turns
     * @param p50Ns      how late a turn was
     * @param p99Ns      how late a turn was
     * @param maxNs      how late a turn was
     */
    public record Idle(
        @JsonProperty("duration_ns") long durationNs,
        long count,
        @JsonProperty("p50_ns") long p50Ns,
        @JsonProperty("p99_ns") long p99Ns,
        @JsonProperty("max_ns") long maxNs) {
    }

    /**
     * Limits of the control group; null where there is none.
     *
     * @param cpus        processors' worth of time
     * @param memoryBytes memory
     */
    public record Cgroup(Double cpus, @JsonProperty("memory_bytes") Long memoryBytes) {
    }

    /**
     * The file system under the data directory.
     *
     * @param fs         type
     * @param mount      mount point
     * @param device     source of the mount
     * @param options    mount options
     * @param scheduler  of the block device
     * @param totalBytes capacity
     * @param freeBytes  usable before the run
     * @param fsyncP50Ns of 4 KiB before a series; null if that was not tried
     * @param fsyncP99Ns the same
     */
    public record Disk(
        String fs,
        String mount,
        String device,
        String options,
        String scheduler,
        @JsonProperty("total_bytes") long totalBytes,
        @JsonProperty("free_bytes") long freeBytes,
        @JsonProperty("fsync_p50_ns") Long fsyncP50Ns,
        @JsonProperty("fsync_p99_ns") Long fsyncP99Ns) {
        /**
         * The same disk with what it takes to sync.
         *
         * @param p50Ns of 4 KiB
         * @param p99Ns of 4 KiB
         * @return a copy
         */
        public Disk withFsync(final Long p50Ns, final Long p99Ns) {
            return new Disk(fs, mount, device, options, scheduler, totalBytes, freeBytes, p50Ns, p99Ns);
        }
    }
}
