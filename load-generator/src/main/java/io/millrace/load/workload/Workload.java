package io.millrace.load.workload;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One resolved workload: what is sent, how fast, for how long and under which promise.
 *
 * @param driver             name of the driver
 * @param ratePerS           of all producers together, or {@link Units#UNLIMITED}
 * @param recordLength       bytes of a record's value
 * @param partitions         of the topic
 * @param replicationFactor  of the topic
 * @param producers          logical producers, each with its own sequence
 * @param threads            sending threads, 0 to let the run decide
 * @param durationNs         of the measured phase; 0 when the number of records decides
 * @param recordCount        records of the measured phase, 0 when the duration decides
 * @param warmupNs           before the measured phase
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
 */
public record Workload(
    String driver,
    long ratePerS,
    int recordLength,
    int partitions,
    int replicationFactor,
    int producers,
    int threads,
    long durationNs,
    long recordCount,
    long warmupNs,
    Acks acks,
    int batchLength,
    long lingerNs,
    Compression compression,
    int inFlightCount,
    int connections,
    long deliveryTimeoutNs,
    long wakeIntervalNs,
    Payload.Kind payload,
    long seed,
    boolean verify,
    String topic,
    Map<String, String> topicConfigs) {

    /** {@return true if no schedule paces this workload, only its in-flight window} */
    public boolean isUnlimited() {
        return ratePerS == Units.UNLIMITED;
    }

    /** {@return sending threads: as asked, else one for two producers and never more than half the processors} */
    public int threadCount() {
        if (threads > 0) {
            return Math.min(threads, producers);
        }
        return Math.max(1, Math.min(producers, Runtime.getRuntime().availableProcessors() / 2));
    }

    /** {@return the settings as an ordered tree for {@code workload.resolved.yaml}; durations and lengths with unit} */
    public Map<String, Object> asTree() {
        final Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("schema", "bench/workload/v1");
        tree.put("driver", driver);
        tree.put("rate_per_s", ratePerS);
        tree.put("record_bytes", recordLength);
        tree.put("payload", payload.word());
        tree.put("partitions", partitions);
        tree.put("replication_factor", replicationFactor);
        tree.put("producers", producers);
        tree.put("threads", threadCount());
        tree.put("warmup_ns", warmupNs);
        tree.put("duration_ns", durationNs);
        tree.put("num_records", recordCount);
        tree.put("acks", acks.word());
        tree.put("batch_bytes", batchLength);
        tree.put("linger_ns", lingerNs);
        tree.put("compression", compression.word());
        tree.put("in_flight", inFlightCount);
        tree.put("connections_per_broker", connections);
        tree.put("delivery_timeout_ns", deliveryTimeoutNs);
        tree.put("wake_interval_ns", wakeIntervalNs);
        tree.put("seed", seed);
        tree.put("verify", verify);
        tree.put("topic", topic);
        tree.put("topic_configs", topicConfigs);
        return tree;
    }
}
