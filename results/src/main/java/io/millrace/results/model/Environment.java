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
    @JsonProperty("load_average_1m") Double loadAverage1m) {
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
     */
    public record Disk(
        String fs,
        String mount,
        String device,
        String options,
        String scheduler,
        @JsonProperty("total_bytes") long totalBytes,
        @JsonProperty("free_bytes") long freeBytes) {
    }
}
