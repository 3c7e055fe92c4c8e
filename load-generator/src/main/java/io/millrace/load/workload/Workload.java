package io.millrace.load.workload;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One resolved workload: what is sent, how fast, for how long and under which promise.
 *
 * @param settings           every setting in force, by name, in exact units; what the fields below were made from
 * @param name               for titles; may be empty
 * @param target             name of the system to start, empty for ours
 * @param driver             name of the driver
 * @param bootstrap          brokers, or null
 * @param arrival            when records are due
 * @param ratePerS           of all producers together, on average over the measured phase, or {@link Units#UNLIMITED}
 * @param lengths            of a record's value
 * @param keys               of the records
 * @param topicCount         topics
 * @param partitions         of each topic
 * @param replicationFactor  of each topic
 * @param producers          logical producers, each with its own sequence
 * @param consumers          that read while the load runs
 * @param threads            sending threads, 0 to let the run decide
 * @param phases             of the run
 * @param acks               whose word a record waits for
 * @param batchLength        largest record batch
 * @param lingerNs           longest wait for a fuller batch
 * @param compression        of a batch
 * @param inFlightCount      records sent and not yet answered, of all producers together
 * @param connections        per broker and sending thread (lean driver)
 * @param deliveryTimeoutNs  after which an unanswered record counts as an error
 * @param wakeIntervalNs     a sending thread with nothing to do rests at least so long: what it costs is seen as
 *                           schedule lag, what it saves is processor time the brokers may need
 * @param payload            what the records are filled with
 * @param seed               of everything random
 * @param verify             read everything back afterwards
 * @param topic              name, or null for one of the run's own
 * @param topicConfigs       configuration of the topic, by Kafka's keys
 * @param faults             timeline of the measured phase
 * @param slo                service levels
 */
public record Workload(
    Map<String, String> settings,
    String name,
    String target,
    String driver,
    String bootstrap,
    Arrival arrival,
    long ratePerS,
    RecordLengths lengths,
    Keys keys,
    int topicCount,
    int partitions,
    int replicationFactor,
    int producers,
    int consumers,
    int threads,
    Phases phases,
    Acks acks,
    int batchLength,
    long lingerNs,
    Compression compression,
    int inFlightCount,
    int connections,
    long deliveryTimeoutNs,
    long wakeIntervalNs,
    Payload.Source payload,
    long seed,
    boolean verify,
    String topic,
    Map<String, String> topicConfigs,
    List<FaultStep> faults,
    List<Slo> slo) {

    /**
     * What a run consists of, in this order.
     *
     * @param warmupNs      before the measured phase; the longest if it ends when it is steady
     * @param isUntilSteady true if the warm-up ends as soon as the latency is steady
     * @param durationNs    of the measured phase; 0 when the number of records decides
     * @param recordCount   records of the measured phase, 0 when the duration decides
     * @param backlogLength bytes to send while consumers stand still, 0 for no backlog
     * @param drainNs       longest time for the consumers to catch up
     * @param isDrainLoaded true if producers go on meanwhile
     * @param cooldownNs    without load, still sampled
     */
    public record Phases(
        long warmupNs,
        boolean isUntilSteady,
        long durationNs,
        long recordCount,
        long backlogLength,
        long drainNs,
        boolean isDrainLoaded,
        long cooldownNs) {
    }

    /** {@return true if no schedule paces this workload, only its in-flight window} */
    public boolean isUnlimited() {
        return ratePerS == Units.UNLIMITED;
    }

    /** {@return length of the measured phase, 0 when the number of records decides} */
    public long durationNs() {
        return phases.durationNs();
    }

    /** {@return records of the measured phase, 0 when its duration decides} */
    public long recordCount() {
        return phases.recordCount();
    }

    /** {@return length of the warm-up, the longest if it may end earlier} */
    public long warmupNs() {
        return phases.warmupNs();
    }

    /** {@return expected length of a record, rounded; the length of each if they are all the same} */
    public int recordLength() {
        return (int) Math.round(lengths.meanLength());
    }

    /** {@return partitions of all topics together: topic t has t * partitions to (t + 1) * partitions - 1} */
    public int laneCount() {
        return topicCount * partitions;
    }

    /**
     * {@return names of the topics}
     *
     * @param base of all; the one topic's own
     */
    public List<String> topicNames(final String base) {
        return topicCount == 1 ? List.of(base)
            : java.util.stream.IntStream.range(0, topicCount).mapToObj(i -> base + "-" + i).toList();
    }

    /** {@return rate of the warm-up: where the measured phase begins} */
    public long warmupRatePerS() {
        return arrival.isCurve() ? arrival.steps().get(0).fromRatePerS() : ratePerS;
    }

    /** {@return sending threads: as asked, else one for two producers and never more than half the processors} */
    public int threadCount() {
        if (threads > 0) {
            return Math.min(threads, producers);
        }
        return Math.max(1, Math.min(producers, Runtime.getRuntime().availableProcessors() / 2));
    }

    /** {@return the settings that make the workload what it is, by name; two workloads differ where these do} */
    public Map<String, Object> asTree() {
        final Map<String, Object> tree = new LinkedHashMap<>(settings);
        // in one order, whatever the map's is: the same workload has the same hash in every process
        new TreeMap<>(topicConfigs).forEach((key, value) -> tree.put(WorkloadKeys.TOPIC_CONFIG_PREFIX + key, value));
        return tree;
    }
}
