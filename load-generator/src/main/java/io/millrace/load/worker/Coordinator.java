package io.millrace.load.worker;

import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.run.Progress;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.SharedRun;
import io.millrace.load.run.StopSignal;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.model.Verification;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Lets several workers run one workload together, and adds up what they find; main thread. */
public final class Coordinator {
    private static final long AHEAD_MS = 3_000;
    private static final long POLL_NS = 250_000_000L;
    private static final long MAX_SILENCE_NS = 30_000_000_000L;

    private final List<WorkerClient> workers;
    private final Progress progress;
    private final StopSignal stop;

    /**
     * @param addresses of the workers, host:port
     * @param progress  shown to the user
     * @param stop      ends the run early
     */
    public Coordinator(final List<String> addresses, final Progress progress, final StopSignal stop) {
        workers = addresses.stream().map(WorkerClient::new).toList();
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Runs it.
     *
     * @param workload  of all workers together; its topic exists while this runs
     * @param topic     its name
     * @param bootstrap brokers; as the workers reach them
     * @param identity  of the run
     * @param writer    of its result
     * @return what became of it
     */
    public RunReport run(
        final Workload workload,
        final String topic,
        final String bootstrap,
        final RunIdentity identity,
        final RunWriter writer) {
        check(workload);
        workers.forEach(WorkerClient::compareClocks);
        final long startMs = System.currentTimeMillis() + AHEAD_MS;
        int first = 0;
        for (int i = 0; i < workers.size(); i++) {
            final int count = share(workload.producers(), i);
            workers.get(i).start(new WorkerMessages.Start(settings(workload, topic, count), workload.topicConfigs(),
                bootstrap, startMs + workers.get(i).offsetMs(), first, workload.producers()));
            first += count;
        }
        writer.event(RunEvent.at(startMs, "phase", "start of " + workers.size() + " workers"));
        final MergedIntervals merged = new MergedIntervals(startMs);
        final List<WorkerMessages.Outcome> outcomes = collect(merged, writer);
        write(merged.takeBefore(Long.MAX_VALUE), writer);
        return conclude(workload, identity, writer, outcomes);
    }

    private void check(final Workload workload) {
        if (workload.producers() < workers.size()) {
            throw new WorkloadException("workers: " + workers.size() + " workers need at least as many producers, not "
                + workload.producers() + "; raise --producers");
        }
        if (workload.phases().isUntilSteady() || workload.consumers() > 0 || !workload.faults().isEmpty()) {
            throw new WorkloadException("workers: a warm-up until steady, consumers and faults are for runs in one "
                + "process; leave them out, or --workers");
        }
    }

    private int share(final int all, final int worker) {
        return all / workers.size() + (worker < all % workers.size() ? 1 : 0);
    }

    private static Map<String, String> settings(final Workload workload, final String topic, final int producers) {
        final Map<String, String> settings = new LinkedHashMap<>(workload.settings());
        settings.put("topic", topic);
        settings.put("producers", String.valueOf(producers));
        settings.put("in-flight", String.valueOf(
            Math.max(producers, (long) workload.inFlightCount() * producers / workload.producers())));
        settings.put("slo", "");
        settings.put("bootstrap", "");
        return settings;
    }

    private List<WorkerMessages.Outcome> collect(final MergedIntervals merged, final RunWriter writer) {
        final WorkerMessages.Outcome[] outcomes = new WorkerMessages.Outcome[workers.size()];
        final int[] next = new int[workers.size()];
        final long[] heardNs = new long[workers.size()];
        java.util.Arrays.fill(heardNs, System.nanoTime());
        boolean isStopTold = false;
        while (java.util.Arrays.stream(outcomes).anyMatch(java.util.Objects::isNull)) {
            if (stop.isStopped() && !isStopTold) {
                isStopTold = true;
                workers.forEach(WorkerClient::stop);
            }
            for (int i = 0; i < outcomes.length; i++) {
                if (outcomes[i] == null) {
                    outcomes[i] = ask(workers.get(i), next, i, heardNs, merged);
                }
            }
            write(merged.takeBefore(System.currentTimeMillis()), writer);
            LockSupport.parkNanos(POLL_NS);
        }
        return List.of(outcomes);
    }

    private WorkerMessages.Outcome ask(
        final WorkerClient worker,
        final int[] next,
        final int index,
        final long[] heardNs,
        final MergedIntervals merged) {
        try {
            final WorkerMessages.Progress answer = worker.progress(next[index]);
            heardNs[index] = System.nanoTime();
            next[index] = answer.next();
            answer.intervals().forEach(interval -> merged.add(interval, worker.offsetMs()));
            return answer.outcome();
        } catch (final TargetUnreachableException ex) {
            if (System.nanoTime() - heardNs[index] < MAX_SILENCE_NS) {
                return null;
            }
            return new WorkerMessages.Outcome("failed", List.of(), List.of(ex.getMessage()), 0, 0, 0, Map.of(), 0,
                null, null);
        }
    }

    private void write(final List<MergedIntervals.Second> seconds, final RunWriter writer) {
        for (final MergedIntervals.Second second : seconds) {
            second.byTag().forEach((tag, histogram) ->
                writer.interval(tag, histogram, second.startMs(), second.startMs() + 1000));
            final boolean isMeasured = second.byTag().containsKey(Tags.ACK_RT);
            final String prefix = isMeasured ? "" : Tags.WARMUP_PREFIX;
            final Histogram answered = second.byTag().get(prefix + Tags.ACK_RT);
            final Histogram sent = second.byTag().get(prefix + Tags.SCHED_LAG);
            if (answered != null) {
                final boolean isEmpty = answered.getTotalCount() == 0;
                writer.timeline(new TimelineRow(second.startMs(), isMeasured ? "measure" : "warmup",
                    sent == null ? 0 : sent.getTotalCount(), answered.getTotalCount(), 0, 0,
                    isEmpty ? -1 : answered.getValueAtPercentile(50), isEmpty ? -1 : answered.getValueAtPercentile(99),
                    isEmpty ? -1 : answered.getMaxValue()));
            }
        }
    }

    private RunReport conclude(
        final Workload workload,
        final RunIdentity identity,
        final RunWriter writer,
        final List<WorkerMessages.Outcome> outcomes) {
        final List<String> reasons = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        final Map<String, Long> errors = new TreeMap<>();
        long sent = 0;
        long acked = 0;
        long durationNs = 1;
        RunStatus status = RunStatus.OK;
        for (int i = 0; i < outcomes.size(); i++) {
            final WorkerMessages.Outcome outcome = outcomes.get(i);
            final String who = workers.get(i).address() + ": ";
            notes.add(String.format(java.util.Locale.ROOT, "%sclock off by %d ms, known to within %.1f ms.", who,
                workers.get(i).offsetMs(), workers.get(i).boundMs()));
            outcome.notes().forEach(note -> notes.add(who + note));
            outcome.invalidReasons().stream().filter(reason -> !reasons.contains(reason)).forEach(reasons::add);
            outcome.errors().forEach((name, count) -> errors.merge(name, count, Long::sum));
            sent += outcome.sent();
            acked += outcome.acked();
            durationNs = Math.max(durationNs, outcome.durationNs());
            status = worse(status, outcome.status());
        }
        final double perS = acked / (durationNs / 1e9);
        final Measured measured = new Measured(durationNs, sent, acked, 0, errors, perS,
            perS * workload.lengths().meanLength(), null, null);
        progress.say(outcomes.size() + " workers have ended");
        return SharedRun.conclude(workload, identity, writer,
            new RunOutcome(stop.isInterrupted() ? RunStatus.INTERRUPTED : status, reasons, notes, measured,
                stop.isInterrupted() ? null : sum(outcomes)));
    }

    private static RunStatus worse(final RunStatus status, final String word) {
        if (status == RunStatus.FAILED || "failed".equals(word)) {
            return RunStatus.FAILED;
        }
        if (status == RunStatus.INTERRUPTED || "interrupted".equals(word)) {
            return RunStatus.INTERRUPTED;
        }
        return "invalid".equals(word) ? RunStatus.INVALID : status;
    }

    /** Each worker has read its own records back, those of the others were not its. */
    private static Verification sum(final List<WorkerMessages.Outcome> outcomes) {
        Verification sum = new Verification(0, 0, 0, 0, 0, 0, 0);
        for (final WorkerMessages.Outcome outcome : outcomes) {
            final Verification own = outcome.verification();
            if (own == null) {
                return null;
            }
            sum = new Verification(sum.checked() + own.checked(), sum.lostAcked() + own.lostAcked(),
                sum.lostUnacked() + own.lostUnacked(), sum.duplicates() + own.duplicates(), sum.gaps() + own.gaps(),
                sum.reordered() + own.reordered(), sum.corrupt() + own.corrupt());
        }
        return sum;
    }
}
