package io.millrace.load.run;

import io.millrace.load.driver.LoadDriver;
import io.millrace.load.workload.Arrival;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.results.model.Cost;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunParams;
import io.millrace.results.store.EnvironmentProbe;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts together what a result says before and after the run; no state. */
final class RunSummary {
    private static final double NS_PER_S = 1e9;
    private static final String PROFILE_CONFIG = "millrace.profile";
    private static final String MIN_ISR_CONFIG = "min.insync.replicas";
    private static final Workload DEFAULTS = new WorkloadBuilder().build();
    /** Settings that parameters of their own tell. */
    private static final Set<String> TOLD = Set.of("target", "driver", "bootstrap", "topics", "partitions",
        "replication-factor", "record-size", "payload", "keys", "arrival", "rate", "producers", "consumers", "threads",
        "acks", "in-flight", "batch-size", "linger", "compression", "faults");
    /** Settings that change nothing in what is sent, or in what it meets. */
    private static final Set<String> NO_LOAD = Set.of("name", "topic", "slo", "runs", "order");

    private RunSummary() {
    }

    /**
     * {@return what is known before the first record}
     *
     * @param workload what is run
     * @param target   where
     * @param identity of the run
     * @param driver   how it reaches the target
     * @param topic    records go to
     * @param extras   what the run has beside
     */
    static RunHeader header(
        final Workload workload,
        final Target target,
        final RunIdentity identity,
        final LoadDriver driver,
        final RunTopic topic,
        final RunExtras extras) {
        final RunHeader header = header(workload, target, identity, driver.description(), topic);
        header.params().put(RunParams.DRIVER, driver.name());
        return with(header, extras);
    }

    /**
     * {@return a header with what the run has beside its load}
     *
     * @param header of the run
     * @param extras that it has
     */
    static RunHeader with(final RunHeader header, final RunExtras extras) {
        if (extras.system() != null && !extras.system().promise().isEmpty()) {
            header.params().put(RunParams.DURABILITY, extras.system().promise());
        }
        if (extras.cluster() != null) {
            header.params().put(RunParams.CLUSTER, extras.cluster());
        }
        if (extras.profiling() != null) {
            header.params().put(RunParams.RECORDING,
                extras.profiling().word().isEmpty() ? "jfr" : extras.profiling().word());
        }
        return extras.idle() == null ? header : header.on(extras.idle().addTo(header.env()));
    }

    /**
     * {@return what is known before the first record}
     *
     * @param workload what is run
     * @param target   where
     * @param identity of the run
     * @param driver   how it reaches the target, in words
     * @param topic    records go to
     */
    static RunHeader header(
        final Workload workload,
        final Target target,
        final RunIdentity identity,
        final String driver,
        final RunTopic topic) {
        final Map<String, Object> params = new LinkedHashMap<>();
        params.put(RunParams.ACKS, workload.acks().word());
        params.put(RunParams.RATE_PER_S, workload.ratePerS());
        params.put(RunParams.RECORD_BYTES, workload.recordLength());
        params.put(RunParams.PARTITIONS, workload.partitions());
        params.put(RunParams.PRODUCERS, workload.producers());
        params.put(RunParams.REPLICATION_FACTOR, topic.replicationFactor(workload.replicationFactor()));
        params.put(RunParams.DRIVER, workload.driver());
        params.put(RunParams.TARGET, target.description());
        params.put(RunParams.WARMUP_S, workload.warmupNs() / NS_PER_S);
        params.put(RunParams.DURATION_S, workload.durationNs() / NS_PER_S);
        final Map<String, String> configs = topic.configs();
        // What an acknowledgement is worth stands next to every figure.
        if (configs.containsKey(PROFILE_CONFIG)) {
            params.put(RunParams.PROFILE, configs.get(PROFILE_CONFIG));
        }
        if (configs.containsKey(MIN_ISR_CONFIG)) {
            params.put("min_insync_replicas", configs.get(MIN_ISR_CONFIG));
        }
        params.put(RunParams.NUM_RECORDS, workload.recordCount());
        params.put("threads", workload.threadCount());
        params.put("batch_bytes", workload.batchLength());
        params.put("linger_ns", workload.lingerNs());
        params.put("compression", workload.compression().word());
        params.put("payload", workload.payload().word());
        params.put("in_flight", workload.inFlightCount());
        params.put("arrival", workload.arrival().word());
        params.put("record_size", workload.lengths().word());
        params.put("keys", workload.keys().word());
        params.put("consumers", workload.consumers());
        params.put("topics", workload.topicCount());
        if (!workload.name().isEmpty()) {
            params.put("workload", workload.name());
        }
        if (!workload.faults().isEmpty()) {
            params.put("faults", workload.settings().get("faults"));
        }
        params.put("seed", workload.seed());
        params.put("driver_description", driver);
        params.put("topic", topic.name());
        workload.topicConfigs().forEach((key, value) -> params.put(RunParams.TOPIC_PREFIX + key, value));
        params.put(RunParams.OTHER_SETTINGS, otherSettings(workload));
        final String sha = System.getProperty("millrace.git.sha", "unknown");
        return new RunHeader(identity.runId().toString(), identity.experimentId(), identity.leg(),
            identity.legLabel(), identity.pair(), Instant.now(), identity.command(),
            new GitRevision(sha, Boolean.getBoolean("millrace.git.dirty")), identity.workloadSha256(), params,
            EnvironmentProbe.capture(target.isLocal() ? target.dataDir() : null));
    }

    /**
     * {@return what no other parameter tells, where it is not the default, so that a setting that comes with a later
     * version does not make older results another workload}
     *
     * @param workload what is run
     */
    static String otherSettings(final Workload workload) {
        final Map<String, Object> usual = DEFAULTS.asTree();
        final Map<String, Object> other = new TreeMap<>(workload.asTree());
        other.keySet().removeAll(TOLD);
        other.keySet().removeAll(NO_LOAD);
        other.entrySet().removeIf(setting -> setting.getValue().equals(usual.get(setting.getKey())));
        return other.entrySet().stream().map(setting -> setting.getKey() + "=" + setting.getValue())
            .collect(Collectors.joining("; "));
    }

    /**
     * {@return the figures of the measured phase}
     *
     * <p>The achieved rate counts acknowledged records over the planned phase, made longer by as much as its last
     * record was sent after the phase's end. Without a schedule and a warm-up the phase begins with an empty window,
     * and what fills it would come for free if the time ended with the last send: it ends with the last answer then.
     * After a warm-up the window is as full at the start as at the end.
     *
     * @param workload  what was run
     * @param plan      its phases
     * @param totals    of all threads, all of them done
     * @param isCut     true if the run was ended early
     * @param cost      of the phase, or null
     */
    static Measured measured(
        final Workload workload, final RunPlan plan, final RunTotals totals, final boolean isCut, final Cost cost) {
        final long plannedNs = plan.measureEndNs() - plan.measureStartNs();
        final long lastNs = workload.isUnlimited() && workload.warmupNs() == 0
            ? Math.max(totals.lastSendNs(), totals.lastAckNs()) : totals.lastSendNs();
        final long durationNs = Math.max(1, isCut || !plan.isTimed() ? lastNs : Math.max(plannedNs, lastNs));
        final double perS = totals.acked() / (durationNs / NS_PER_S);
        return new Measured(durationNs, totals.sent(), totals.acked(), totals.consumed(), totals.errors(), perS,
            perS * workload.lengths().meanLength(), null, cost);
    }

    /**
     * {@return acknowledged of what was due over the time it took, 1 for all of it in time; 1 without a schedule}
     *
     * @param workload what was run
     * @param plan     its phases
     * @param measured its figures
     * @param totals   of all threads, all of them done
     */
    static double achieved(
        final Workload workload, final RunPlan plan, final Measured measured, final RunTotals totals) {
        if (workload.isUnlimited() || totals.due() == 0) {
            return 1;
        }
        final double ackedPart = (double) measured.acked() / totals.due();
        final boolean isRandomCount =
            workload.recordCount() > 0 && workload.arrival().kind() == Arrival.Kind.POISSON;
        if (isRandomCount && totals.unsent() == 0) {
            // A counted run with random gaps was to end with its last one, whenever that is, and a usual gap after it.
            final double dueEndNs = totals.lastDueNs() + NS_PER_S / workload.ratePerS();
            return ackedPart * Math.min(1, dueEndNs / Math.max(1, totals.lastSendNs()));
        }
        final double plannedNs = plan.measureEndNs() - plan.measureStartNs();
        return ackedPart * Math.min(1, plannedNs / measured.durationNs());
    }
}
