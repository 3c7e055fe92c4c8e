package io.millrace.load.worker;

import io.millrace.load.profile.Profiling;
import io.millrace.load.record.AckGaps;
import io.millrace.load.record.Ledger;
import io.millrace.load.record.LedgerPages;
import io.millrace.load.run.ClientCost;
import io.millrace.load.run.Crew;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.RunRefusedException;
import io.millrace.load.run.RunTotals;
import io.millrace.load.run.ShareLink;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Environment;
import io.millrace.results.model.RunEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Workers in other processes, asked over HTTP; owned by the run's thread. */
public final class WorkerCrew implements Crew {
    private static final long READY_NS = 180_000_000_000L;
    private static final long POLL_NS = 20_000_000L;
    private static final Pattern RECORDED = Pattern.compile("(jfr|flame)/" + Profiling.CLIENT + "[a-z.-]{1,30}");
    private static final int MAX_FILES = 8;
    private static final long MAX_FILE_LENGTH = 1L << 30;
    private static final long MAX_NOTICE_NS = 60_000_000_000L;

    private final Workload workload;
    private final UUID runId;
    private final List<WorkerPeer> peers;
    private final boolean isMeasuredClock;
    private final String profile;
    private final MergedSeconds merged;
    private final List<RunEvent> events = new ArrayList<>();
    private final String clockId = MachineClock.id();
    private final List<Long> offsetsAtStartNs = new ArrayList<>();
    private boolean isOneClock;
    private Long startNs;
    private Long measureStartNs;
    private long startEpochMs;
    private boolean isPaused;
    private boolean isLoadOver;
    private boolean isFinished;
    private boolean isStopped;
    private boolean isInterrupted;
    private boolean isPrepared;

    /**
     * @param addresses       host:port of each worker
     * @param workload        of all of them together
     * @param runId           of the run
     * @param isMeasuredClock true to compare times of different hosts by clocks that are compared; false to let each
     *                        host consume what it sent itself
     * @param maxSilenceNs    a worker that has not answered for so long is lost
     * @param profile         what each records of itself, see {@link Profiling#word()}; null for nothing
     */
    public WorkerCrew(
        final List<String> addresses,
        final Workload workload,
        final UUID runId,
        final boolean isMeasuredClock,
        final long maxSilenceNs,
        final String profile) {
        if (workload.producers() < addresses.size()) {
            throw new WorkloadException("workers: " + addresses.size() + " workers need at least as many producers, "
                + "not " + workload.producers() + "; raise --producers");
        }
        if (addresses.stream().distinct().count() < addresses.size()) {
            throw new WorkloadException("workers: value=" + addresses + " names a worker twice; name each once");
        }
        this.workload = workload;
        this.runId = runId;
        this.isMeasuredClock = isMeasuredClock;
        this.profile = profile;
        final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5)).build();
        peers = addresses.stream().map(address -> new WorkerPeer(address, http, maxSilenceNs)).toList();
        merged = new MergedSeconds(addresses.stream().map(address -> "Worker " + address).toList());
    }

    @Override
    public int size() {
        return peers.size();
    }

    @Override
    public String clock() {
        return isOneClock ? "one" : isMeasuredClock ? "measured" : "own";
    }

    @Override
    public void prepare(
        final String topic, final String bootstrap, final long[] startOffsets, final BooleanSupplier stopped) {
        for (final WorkerPeer peer : peers) {
            offsetsAtStartNs.add(peer.compareClocks(clockId));
            if (peer.hello().isBusy()) {
                throw new WorkloadException("workers: " + peer.address() + " is busy with another run; wait, or end "
                    + "it there");
            }
        }
        final String first = peers.get(0).hello().clockId();
        isOneClock = !first.isEmpty() && peers.stream().allMatch(peer -> first.equals(peer.hello().clockId()));
        isPrepared = true;
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).ask("prepare", WorkerMessages.write(new WorkerMessages.Prepare(runId.toString(),
                settings(topic, producerCount(i)), workload.topicConfigs(), bootstrap, assignment(i, startOffsets),
                profile)));
        }
        final long deadlineNs = System.nanoTime() + READY_NS;
        while (!peers.stream().allMatch(peer -> peer.last() != null && peer.last().isReady())) {
            poll();
            for (final WorkerPeer peer : peers) {
                final String problem = peer.lost() != null ? peer.lost() : peer.outcome() == null ? null
                    : "Worker " + peer.address() + " could not begin: " + peer.outcome().problem();
                if (problem != null) {
                    throw new RunRefusedException(ExitCodes.UNREACHABLE, problem);
                }
            }
            if (stopped.getAsBoolean() || System.nanoTime() - deadlineNs > 0) {
                final List<String> late = peers.stream().filter(peer -> peer.last() == null || !peer.last().isReady())
                    .map(WorkerPeer::address).toList();
                throw new RunRefusedException(ExitCodes.UNREACHABLE, "workers: " + late + " were not ready "
                    + (stopped.getAsBoolean() ? "when the run was stopped"
                    : "within " + READY_NS / 1_000_000_000L + " s; look at what they print"));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Who was slow to answer so far may be so again. */
    @Override
    public long noticeNs() {
        return Math.min(MAX_NOTICE_NS, 2 * peers.stream().mapToLong(WorkerPeer::slowestNs).max().orElse(0));
    }

    private int producerCount(final int worker) {
        return workload.producers() / peers.size() + (worker < workload.producers() % peers.size() ? 1 : 0);
    }

    private int firstProducer(final int worker) {
        return IntStream.range(0, worker).map(this::producerCount).sum();
    }

    private Map<String, String> settings(final String topic, final int producers) {
        final Map<String, String> settings = new LinkedHashMap<>(workload.settings());
        settings.put("topic", topic);
        settings.put("producers", String.valueOf(producers));
        settings.put("in-flight", String.valueOf(
            Math.max(producers, (long) workload.inFlightCount() * producers / workload.producers())));
        settings.put("slo", "");
        settings.put("bootstrap", "");
        settings.put("target-settings", "");
        return settings;
    }

    private ShareLink.Assignment assignment(final int worker, final long[] startOffsets) {
        final int all = workload.consumers();
        final int count = peers.size();
        final boolean isOwnOnly = !isOneClock && !isMeasuredClock;
        final int[] places;
        final int consumerCount;
        if (all == 0) {
            places = new int[0];
            consumerCount = 1;
        } else if (isOwnOnly) {
            consumerCount = Math.max(1, all / count + (worker < all % count ? 1 : 0));
            places = IntStream.range(0, consumerCount).toArray();
        } else {
            consumerCount = all;
            places = IntStream.range(0, all).filter(place -> place % count == worker).toArray();
        }
        return new ShareLink.Assignment(firstProducer(worker), producerCount(worker), workload.producers(),
            startOffsets, places, consumerCount, isOwnOnly, isOneClock ? null : clockOffsetsNs(worker));
    }

    /** A worker's clock minus that of the sender of each record. */
    private long[] clockOffsetsNs(final int worker) {
        final long[] offsets = new long[workload.producers()];
        for (int i = 0; i < peers.size(); i++) {
            for (int p = 0; p < producerCount(i); p++) {
                offsets[firstProducer(i) + p] = peers.get(worker).offsetNs() - peers.get(i).offsetNs();
            }
        }
        return offsets;
    }

    @Override
    public void begin(final long atNs, final long epochMs) {
        startNs = atNs;
        startEpochMs = epochMs;
        merged.startAt(epochMs);
    }

    @Override
    public void poll() {
        for (int i = 0; i < peers.size(); i++) {
            final WorkerPeer peer = peers.get(i);
            final WorkerMessages.Progress answer = peer.poll(new WorkerMessages.Poll(runId.toString(),
                startNs == null ? null : Long.valueOf(startNs + peer.offsetNs()),
                measureStartNs == null ? null : Long.valueOf(measureStartNs + peer.offsetNs()), isPaused, isLoadOver,
                isFinished, isStopped, isInterrupted, peer.nextSample(), peer.nextEvent()));
            if (answer == null) {
                continue;
            }
            try {
                for (final ShareLink.Sample sample : answer.samples()) {
                    merged.add(i, sample);
                }
                answer.events().forEach(event -> events.add(new RunEvent(startEpochMs + event.atMs(), event.type(),
                    event.name() + " (" + peer.address() + ")", event.detail(), event.durationNs())));
            } catch (final RuntimeException ex) { // whatever a broken worker's histogram makes its decoder throw
                peer.lose("answers what makes no sense: " + ex);
            }
        }
    }

    @Override
    public List<Second> takeSeconds() {
        final boolean[] isTelling = new boolean[peers.size()];
        for (int i = 0; i < isTelling.length; i++) {
            isTelling[i] = peers.get(i).isTelling();
        }
        return merged.take(isTelling);
    }

    @Override
    public Map<String, Histogram> stalls() {
        return merged.stalls();
    }

    @Override
    public List<RunEvent> takeEvents() {
        final List<RunEvent> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Override
    public RunTotals totals() {
        return peers.stream().map(WorkerPeer::totals).reduce(RunTotals.NONE, RunTotals::plus);
    }

    @Override
    public boolean isMeasuringDone() {
        return isAll(WorkerMessages.Progress::isMeasuringDone);
    }

    @Override
    public boolean isLoadDone() {
        return isAll(WorkerMessages.Progress::isLoadDone);
    }

    private boolean isAll(final Predicate<WorkerMessages.Progress> question) {
        return peers.stream().allMatch(peer -> !peer.isTelling() || peer.last() != null && question.test(peer.last()));
    }

    @Override
    public boolean isEnded() {
        return peers.stream().noneMatch(WorkerPeer::isTelling);
    }

    @Override
    public String consumerProblem() {
        return peers.stream().filter(peer -> peer.last() != null && peer.last().consumerProblem() != null)
            .map(peer -> peer.address() + ": " + peer.last().consumerProblem()).findFirst().orElse(null);
    }

    @Override
    public List<String> lost() {
        return peers.stream().map(WorkerPeer::lost).filter(Objects::nonNull).toList();
    }

    @Override
    public void measureFrom(final long atNs) {
        measureStartNs = atNs;
    }

    @Override
    public void pause(final boolean isPause) {
        isPaused = isPause;
    }

    @Override
    public void endLoad() {
        isLoadOver = true;
    }

    @Override
    public void finish() {
        isFinished = true;
    }

    @Override
    public void stop(final boolean isByUser) {
        isStopped = true;
        isInterrupted |= isByUser;
    }

    @Override
    public Result conclude(final Ledger into) {
        final List<String> problems = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        final List<AckGaps.Session> gaps = new ArrayList<>();
        final Map<String, Environment> environments = new LinkedHashMap<>();
        final List<ClientCost> costs = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            final WorkerPeer peer = peers.get(i);
            final WorkerMessages.Outcome outcome = peer.outcome();
            if (outcome != null) {
                if (outcome.problem() != null) {
                    problems.add("Worker " + peer.address() + ": " + outcome.problem());
                }
                outcome.notes().forEach(note -> notes.add(peer.address() + ": " + note));
                costs.add(outcome.cost());
                outcome.gaps().forEach(session -> gaps.add(session.shifted(startNs)));
                if (outcome.environment() != null) {
                    environments.put("worker-" + peer.address(), outcome.environment());
                }
                clockNote(i, notes);
            }
            if (into != null && !isLedgerRead(i, into)) {
                for (int p = 0; p < producerCount(i); p++) {
                    into.forget(firstProducer(i) + p);
                }
            }
        }
        notes.add(0, clocks());
        return new Result(problems, notes, costs.size() < peers.size() || costs.contains(null) ? null
            : costs.stream().reduce(ClientCost::plus).orElse(null), gaps, environments);
    }

    @Override
    public List<String> fetch(final Path directory, final Consumer<String> problems) {
        final List<String> fetched = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            final WorkerPeer peer = peers.get(i);
            final List<String> files =
                peer.outcome() == null || peer.outcome().files() == null ? List.of() : peer.outcome().files();
            for (final String file : files.stream().limit(MAX_FILES).toList()) {
                try {
                    if (!RECORDED.matcher(file).matches()) {
                        throw new IllegalArgumentException("no such file is recorded by workers");
                    }
                    final String name = file.replace(Profiling.CLIENT, "worker-" + (i + 1));
                    fetch(peer, file, directory.resolve(name));
                    fetched.add(name);
                } catch (final IOException | RuntimeException ex) {
                    problems.accept(peer.address() + ": " + file + " stays where the worker keeps its results: "
                        + ex.getMessage());
                }
            }
        }
        return fetched;
    }

    private void fetch(final WorkerPeer peer, final String file, final Path target) throws IOException {
        Files.createDirectories(target.getParent());
        try (OutputStream out = Files.newOutputStream(target)) {
            long offset = 0;
            byte[] piece;
            do {
                piece = peer.ask("file",
                    WorkerMessages.write(new WorkerMessages.Piece(runId.toString(), file, offset)));
                out.write(piece);
                offset += piece.length;
                if (offset > MAX_FILE_LENGTH) {
                    throw new IllegalArgumentException("it is longer than " + MAX_FILE_LENGTH + " bytes");
                }
            } while (piece.length == WorkerMessages.PAGE_LENGTH);
        } catch (final IOException | RuntimeException ex) {
            Files.deleteIfExists(target); // half of one
            throw ex;
        }
    }

    private boolean isLedgerRead(final int worker, final Ledger into) {
        final WorkerPeer peer = peers.get(worker);
        if (peer.outcome() == null || !peer.outcome().hasLedger()) {
            return false;
        }
        try {
            LedgerPages.Cursor next = new LedgerPages.Cursor(0, 0);
            while (next != LedgerPages.END) {
                final LedgerPages.Cursor before = next;
                next = LedgerPages.read(peer.ask("ledger", WorkerMessages.write(
                    new WorkerMessages.Page(runId.toString(), next.lane(), next.sequence()))), firstProducer(worker),
                    producerCount(worker), into);
                if (next != LedgerPages.END && (next.lane() < before.lane()
                    || next.lane() == before.lane() && next.sequence() <= before.sequence())) {
                    throw new IllegalArgumentException("its ledger goes round in circles");
                }
            }
            return true;
        } catch (final RuntimeException ex) {
            peer.lose("did not tell what it had sent: " + ex.getMessage());
            return false;
        }
    }

    private String clocks() {
        final String who = peers.size() + " workers";
        if (isOneClock) {
            return who + " on one host: they share its clock, and began at one moment.";
        }
        return who + " on several hosts began at one moment, by clocks that were compared. "
            + (workload.consumers() == 0 ? "" : isMeasuredClock
            ? "End-to-end times between hosts are off by as much as these clocks."
            : "For end-to-end times each worker consumed what it had sent itself; every worker read every partition.");
    }

    private void clockNote(final int worker, final List<String> notes) {
        final WorkerPeer peer = peers.get(worker);
        if (peer.isSameClock()) {
            return;
        }
        try {
            final long atEndNs = peer.compareClocks(clockId);
            notes.add(peer.address() + ": its clock is known to within " + Units.duration(Math.max(1, peer.boundNs()))
                + " and drifted by " + Units.duration(Math.abs(atEndNs - offsetsAtStartNs.get(worker)))
                + " over the run.");
        } catch (final RuntimeException ex) {
            notes.add(peer.address() + ": its clock could not be compared again at the end.");
        }
    }

    @Override
    public void close() {
        for (final WorkerPeer peer : peers) {
            if (isPrepared && (peer.lost() == null || peer.outcome() == null)) {
                try {
                    peer.ask("release", WorkerMessages.write(new WorkerMessages.Release(runId.toString())));
                } catch (final RuntimeException ex) {
                    peer.lose("did not hear that the run is over: " + ex.getMessage());
                }
            }
            if (peer.isTelling()) {
                peer.lose("did not end.");
            }
        }
    }
}
