package io.millrace.load.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.load.driver.Backend;
import io.millrace.load.profile.Profiling;
import io.millrace.load.record.AckGaps;
import io.millrace.load.record.LedgerPages;
import io.millrace.load.run.BenchRun;
import io.millrace.load.run.KafkaBackend;
import io.millrace.load.run.NullBackend;
import io.millrace.load.run.Progress;
import io.millrace.load.run.RunExtras;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunSetup;
import io.millrace.load.run.ShareLink;
import io.millrace.load.run.StopSignal;
import io.millrace.load.run.Target;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.store.EnvironmentProbe;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A process that runs shares of others' runs, one at a time. Requests are served by a few threads of its own; the run
 * has another.
 */
public final class WorkerServer implements AutoCloseable {
    /** A slow caller does not keep others waiting. */
    private static final int SERVING_THREADS = 4;
    private static final long MAX_SILENCE_NS = 30_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long JOIN_MS = 30_000;
    private static final long CLOSING_MS = 8_000;
    private static final int MAX_GAPS = 20_000;
    private static final int MAX_PRODUCERS = 1_000_000;
    private static final int MAX_CONSUMERS = 1_000;

    private final HttpServer server;
    private final ExecutorService serving;
    private final Path scratch;
    private final Progress progress;
    private final NanoClock clock;
    private final String clockId;
    private final Object lock = new Object();
    // Guarded by the lock.
    private Share share;
    private Profiling profiling;
    private String releasedRun = "";

    /** A share and what belongs to it. */
    private record Share(String run, Path dir, ShareLink link, StopSignal stop, Thread thread) {
    }

    /** A request that cannot be served, with its status. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;

        RefusedException(final int status, final String message) {
            super(message);
            this.status = status;
        }
    }

    /**
     * Listens.
     *
     * @param address  to listen on; port 0 for a free one
     * @param scratch  takes the worker's own results, kept for the user
     * @param progress shown to the user
     */
    public WorkerServer(final InetSocketAddress address, final Path scratch, final Progress progress) {
        this(address, scratch, progress, SystemNanoClock.INSTANCE, MachineClock.id());
    }

    /**
     * Listens.
     *
     * @param address  to listen on; port 0 for a free one
     * @param scratch  takes the worker's own results, kept for the user
     * @param progress shown to the user
     * @param clock    of its runs
     * @param clockId  the same for two processes only if their clocks are one; empty if that is not known
     */
    public WorkerServer(
        final InetSocketAddress address,
        final Path scratch,
        final Progress progress,
        final NanoClock clock,
        final String clockId) {
        this.scratch = scratch;
        this.progress = progress;
        this.clock = clock;
        this.clockId = clockId;
        try {
            server = HttpServer.create(address, 16);
        } catch (final IOException ex) {
            throw new WorkloadException("listen: value=" + address + " cannot be listened on: " + ex.getMessage()
                + "; name another");
        }
        serving = Executors.newFixedThreadPool(SERVING_THREADS, task -> {
            final Thread thread = new Thread(task, "worker-serve");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(serving);
        server.createContext(WorkerMessages.PATH, this::serve);
        server.start();
    }

    /** {@return where it listens} */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        serving.shutdownNow();
        final Share running;
        synchronized (lock) {
            running = share;
        }
        if (running != null) {
            running.stop.interrupt();
            try {
                running.thread.join(JOIN_MS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (lock) {
            profile(null);
        }
    }

    private void serve(final HttpExchange exchange) throws IOException {
        try (exchange) {
            final byte[] body = exchange.getRequestBody().readNBytes(WorkerMessages.MAX_REQUEST_LENGTH + 1);
            if (body.length > WorkerMessages.MAX_REQUEST_LENGTH) {
                answer(exchange, 413, bytes("a request has at most " + WorkerMessages.MAX_REQUEST_LENGTH + " bytes"));
                return;
            }
            try {
                answer(exchange, 200,
                    answer(exchange.getRequestURI().getPath().substring(WorkerMessages.PATH.length()), body));
            } catch (final RefusedException ex) {
                answer(exchange, ex.status, bytes(ex.getMessage()));
            } catch (final IOException | RuntimeException ex) {
                answer(exchange, 400, bytes(String.valueOf(ex.getMessage())));
            }
        }
    }

    private byte[] answer(final String what, final byte[] body) throws IOException {
        return switch (what) {
            case "hello" -> WorkerMessages.write(
                new WorkerMessages.Hello(WorkerMessages.PROTOCOL, clock.nanoTime(), clockId, isBusy()));
            case "prepare" -> {
                prepare(WorkerMessages.read(body, WorkerMessages.Prepare.class));
                yield WorkerMessages.write(Map.of("preparing", true));
            }
            case "poll" -> WorkerMessages.write(poll(WorkerMessages.read(body, WorkerMessages.Poll.class)));
            case "ledger" -> {
                final WorkerMessages.Page page = WorkerMessages.read(body, WorkerMessages.Page.class);
                final ShareLink.Result result = shareOf(page.run()).link.result();
                if (result == null || result.ledger() == null) {
                    throw new RefusedException(409, "there is no ledger of this run yet");
                }
                yield LedgerPages.write(result.ledger(), new LedgerPages.Cursor(page.lane(), page.sequence()),
                    WorkerMessages.PAGE_LENGTH);
            }
            case "file" -> piece(WorkerMessages.read(body, WorkerMessages.Piece.class));
            case "release" -> {
                release(WorkerMessages.read(body, WorkerMessages.Release.class));
                yield WorkerMessages.write(Map.of("released", true));
            }
            default -> throw new RefusedException(404, "no such request: " + what + "; this worker speaks protocol "
                + WorkerMessages.PROTOCOL);
        };
    }

    private byte[] piece(final WorkerMessages.Piece piece) throws IOException {
        final Share asked = shareOf(piece.run());
        final ShareLink.Result result = asked.link.result();
        if (result == null || !result.files().contains(piece.name()) || piece.offset() < 0) {
            throw new RefusedException(409, "this run has recorded no file " + piece.name());
        }
        try (InputStream in = Files.newInputStream(asked.dir.resolve(piece.name()))) {
            in.skipNBytes(Math.min(piece.offset(), Files.size(asked.dir.resolve(piece.name()))));
            return in.readNBytes(WorkerMessages.PAGE_LENGTH);
        }
    }

    private boolean isBusy() {
        synchronized (lock) {
            return share != null && share.thread.isAlive() && share.link.result() == null;
        }
    }

    /** What a run that is over still has to close; others wait for it. */
    private void awaitLast() {
        final Share last;
        synchronized (lock) {
            last = share;
        }
        if (last != null && last.link.result() != null) {
            try {
                last.thread.join(CLOSING_MS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Share shareOf(final String run) {
        synchronized (lock) {
            if (share == null || !share.run.equals(run)) {
                throw new RefusedException(410, "run " + run + " is not known here");
            }
            return share;
        }
    }

    private WorkerMessages.Progress poll(final WorkerMessages.Poll poll) {
        final Share asked = shareOf(poll.run());
        final ShareLink link = asked.link;
        if (poll.isStopped() && !asked.stop.isStopped()) {
            asked.stop.stop();
        }
        if (poll.isInterrupted() && !asked.stop.isInterrupted()) {
            asked.stop.interrupt();
        }
        if (poll.startNs() != null) {
            link.begin(poll.startNs(),
                System.currentTimeMillis() + (poll.startNs() - clock.nanoTime()) / NS_PER_MS);
        }
        if (poll.measureStartNs() != null) {
            link.measureFrom(poll.measureStartNs());
        }
        link.pause(poll.isPaused());
        if (poll.isLoadOver()) {
            link.endLoad();
        }
        if (poll.isFinished() || poll.isStopped()) {
            link.finish();
        }
        final ShareLink.State state =
            link.state(poll.fromSample(), poll.fromEvent(), WorkerMessages.MAX_SAMPLES_LENGTH);
        return new WorkerMessages.Progress(state.isReady(), state.totals(), state.isMeasuringDone(),
            state.isLoadDone(), state.consumerProblem(), state.samples(), state.nextSample(), state.events(),
            state.nextEvent(), state.result() == null ? null : outcome(state.result()));
    }

    private static WorkerMessages.Outcome outcome(final ShareLink.Result result) {
        final List<AckGaps.Session> gaps =
            result.gaps().stream().map(session -> session.longest(MAX_GAPS)).toList();
        return new WorkerMessages.Outcome(result.problem(), result.notes(), result.totals(), result.cost(), gaps,
            result.ledger() != null, EnvironmentProbe.capture(null),
            result.files());
    }

    private void prepare(final WorkerMessages.Prepare prepare) {
        final UUID runId = UUID.fromString(prepare.run());
        final WorkloadBuilder settings = new WorkloadBuilder();
        prepare.settings().forEach(settings::set);
        prepare.topicConfigs().forEach((key, value) -> settings.set(WorkloadBuilder.TOPIC_CONFIG_PREFIX + key, value));
        final Workload workload = settings.build();
        check(prepare, workload);
        awaitLast();
        synchronized (lock) {
            if (share != null && share.thread.isAlive()) {
                throw new RefusedException(409, "this worker is busy with another run; wait, or stop it");
            }
            final StopSignal stop = new StopSignal();
            final ShareLink link = new ShareLink(prepare.assignment(), MAX_SILENCE_NS, stop, clock);
            final Path dir = scratch.resolve("share-" + runId + "-" + server.getAddress().getPort());
            final Profiling recorded = profile(prepare.profile());
            final Thread thread = new Thread(
                () -> run(runId, workload, prepare.bootstrap(), dir, link, stop, recorded), "worker-run");
            thread.setDaemon(true);
            share = new Share(prepare.run(), dir, link, stop, thread);
            thread.start();
        }
    }

    /** Begins or ends to record this process: from one run to the next it goes on. Guarded by the lock. */
    private Profiling profile(final String word) {
        if (profiling != null && !profiling.word().equals(word)) {
            profiling.close();
            profiling = null;
        }
        if (profiling == null && word != null) {
            profiling = Profiling.of(word);
            profiling.open();
        }
        return profiling;
    }

    private static void check(final WorkerMessages.Prepare prepare, final Workload workload) {
        final ShareLink.Assignment mine = prepare.assignment();
        if (mine.allProducers() < 1 || mine.allProducers() > MAX_PRODUCERS || mine.firstProducer() < 0
            || mine.producerCount() != workload.producers()
            || mine.firstProducer() + mine.producerCount() > mine.allProducers()) {
            throw new WorkloadException("prepare: producers " + mine.firstProducer() + " and on of "
                + mine.allProducers() + " are out of bounds");
        }
        if (mine.consumerPlaces() == null || mine.consumerCount() < 1 || mine.consumerCount() > MAX_CONSUMERS
            || mine.consumerPlaces().length > MAX_CONSUMERS
            || Arrays.stream(mine.consumerPlaces()).anyMatch(place -> place < 0 || place >= mine.consumerCount())) {
            throw new WorkloadException("prepare: consumers " + Arrays.toString(mine.consumerPlaces()) + " of "
                + mine.consumerCount() + " are out of bounds");
        }
        if (mine.startOffsets() != null && mine.startOffsets().length != workload.laneCount()
            || mine.clockOffsetsNs() != null && mine.clockOffsetsNs().length != mine.allProducers()) {
            throw new WorkloadException("prepare: offsets are not those of " + workload.laneCount() + " partitions and "
                + mine.allProducers() + " producers");
        }
        if (!List.of("lean", "java", "null").contains(workload.driver())
            || prepare.bootstrap() == null && !"null".equals(workload.driver())) {
            throw new WorkloadException("prepare: driver=" + workload.driver() + " without brokers, or none of lean, "
                + "java, null");
        }
    }

    private void release(final WorkerMessages.Release release) {
        final Share over = shareOf(release.run());
        if (over.link.result() == null) {
            over.stop.interrupt();
            over.link.finish();
        }
        synchronized (lock) {
            releasedRun = release.run();
            if (share == over && !over.thread.isAlive()) {
                share = null; // its ledger may be large
            }
        }
    }

    private void run(
        final UUID runId,
        final Workload workload,
        final String bootstrap,
        final Path dir,
        final ShareLink link,
        final StopSignal stop,
        final Profiling recorded) {
        try {
            final Backend backend = "null".equals(workload.driver()) ? new NullBackend(clock)
                : new KafkaBackend(bootstrap, clock);
            Files.createDirectories(scratch);
            new BenchRun(new RunSetup(workload, new Target(bootstrap, "share of a run", false, null),
                new RunIdentity(runId, dir, null, null, null, 0, List.of("worker"), null), backend, progress, stop,
                clock, SystemEpochClock.INSTANCE,
                new RunExtras(null, null, link, null, recorded, null, null))).execute();
        } catch (final IOException | RuntimeException ex) {
            progress.say("share of run " + runId + " failed: " + ex.getMessage());
            link.onEnded(ShareLink.Result.failed(String.valueOf(ex.getMessage())));
        } finally {
            link.onEnded(ShareLink.Result.failed("it ended without a result"));
            synchronized (lock) {
                if (share != null && share.run.equals(releasedRun)) {
                    share = null; // it was let go of while it was still closing
                }
            }
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(final HttpExchange exchange, final int status, final byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }
}
