package io.millrace.load.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.load.driver.Backend;
import io.millrace.load.run.BenchRun;
import io.millrace.load.run.KafkaBackend;
import io.millrace.load.run.NullBackend;
import io.millrace.load.run.Progress;
import io.millrace.load.run.RunExtras;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.StopSignal;
import io.millrace.load.run.Target;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A process that runs shares of others' runs, one at a time. Requests are served one after the other by a thread of its
 * own; the run has another.
 */
public final class WorkerServer implements AutoCloseable {
    private static final int MAX_INTERVALS = 200_000;
    private static final int MAX_INTERVALS_PER_ANSWER = 500;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long JOIN_MS = 30_000;

    private final HttpServer server;
    private final Path scratch;
    private final Progress progress;
    private final Object lock = new Object();
    // Guarded by the lock.
    private List<WorkerMessages.Interval> intervals = new ArrayList<>();
    private WorkerMessages.Outcome outcome;
    private StopSignal stop;
    private Thread thread;

    /**
     * Listens.
     *
     * @param address  to listen on; port 0 for a free one
     * @param scratch  takes the worker's own results, kept for the user
     * @param progress shown to the user
     */
    public WorkerServer(final InetSocketAddress address, final Path scratch, final Progress progress) {
        this.scratch = scratch;
        this.progress = progress;
        try {
            server = HttpServer.create(address, 16);
        } catch (final IOException ex) {
            throw new WorkloadException("listen: value=" + address + " cannot be listened on: " + ex.getMessage()
                + "; name another");
        }
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
        final Thread running;
        synchronized (lock) {
            running = thread;
            if (stop != null) {
                stop.interrupt();
            }
        }
        if (running != null) {
            try {
                running.join(JOIN_MS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void serve(final HttpExchange exchange) throws IOException {
        try (exchange) {
            final String what = exchange.getRequestURI().getPath().substring(WorkerMessages.PATH.length());
            final byte[] body = exchange.getRequestBody().readNBytes(WorkerMessages.MAX_REQUEST_LENGTH + 1);
            if (body.length > WorkerMessages.MAX_REQUEST_LENGTH) {
                answer(exchange, 413, "a request has at most " + WorkerMessages.MAX_REQUEST_LENGTH + " bytes");
                return;
            }
            try {
                switch (what) {
                    case "clock" -> answer(exchange, new WorkerMessages.Clock(System.currentTimeMillis(), isBusy()));
                    case "start" -> {
                        start(WorkerMessages.read(body, WorkerMessages.Start.class));
                        answer(exchange, Map.of("started", true));
                    }
                    case "progress" -> answer(exchange,
                        progress(Integer.parseInt(new String(body, StandardCharsets.UTF_8).trim())));
                    case "stop" -> {
                        synchronized (lock) {
                            if (stop != null) {
                                stop.interrupt();
                            }
                        }
                        answer(exchange, Map.of("stopping", true));
                    }
                    default -> answer(exchange, 404, "no such request: " + what);
                }
            } catch (final WorkloadException | IOException | IllegalArgumentException ex) {
                answer(exchange, 400, String.valueOf(ex.getMessage()));
            }
        }
    }

    private boolean isBusy() {
        synchronized (lock) {
            return thread != null && thread.isAlive();
        }
    }

    private WorkerMessages.Progress progress(final int from) {
        synchronized (lock) {
            final int first = Math.max(0, Math.min(from, intervals.size()));
            final int next = Math.min(intervals.size(), first + MAX_INTERVALS_PER_ANSWER);
            return new WorkerMessages.Progress(next, List.copyOf(intervals.subList(first, next)),
                next == intervals.size() ? outcome : null);
        }
    }

    private void start(final WorkerMessages.Start start) {
        final WorkloadBuilder settings = new WorkloadBuilder();
        start.settings().forEach(settings::set);
        start.topicConfigs().forEach((key, value) -> settings.set(WorkloadBuilder.TOPIC_CONFIG_PREFIX + key, value));
        final Workload workload = settings.build();
        if (start.allProducers() < 1 || start.allProducers() > 1_000_000 || start.firstProducer() < 0
            || start.firstProducer() + workload.producers() > start.allProducers()) {
            throw new WorkloadException("start: producers " + start.firstProducer() + " and on of "
                + start.allProducers() + " are out of bounds");
        }
        synchronized (lock) {
            if (isBusy()) {
                throw new WorkloadException("start: this worker is busy with another run; wait, or stop it");
            }
            intervals = new ArrayList<>();
            outcome = null;
            stop = new StopSignal();
            final StopSignal signal = stop;
            thread = new Thread(() -> run(workload, start, signal), "worker-run");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run(final Workload workload, final WorkerMessages.Start start, final StopSignal signal) {
        final long aheadMs = start.startMs() - System.currentTimeMillis();
        final long startNs = System.nanoTime() + aheadMs * NS_PER_MS;
        WorkerMessages.Outcome found;
        try {
            final UUID runId = UUID.randomUUID();
            final boolean isNull = "null".equals(workload.driver());
            final Backend backend = isNull ? new NullBackend(SystemNanoClock.INSTANCE)
                : new KafkaBackend(start.bootstrap(), SystemNanoClock.INSTANCE);
            Files.createDirectories(scratch);
            final RunReport report = new BenchRun(workload,
                new Target(isNull ? null : start.bootstrap(), "share of a run", false, null),
                new RunIdentity(runId, scratch.resolve("share-" + runId), null, null, null, 0, List.of("worker"), null),
                backend, progress, signal, SystemNanoClock.INSTANCE, SystemEpochClock.INSTANCE,
                new RunExtras(null, null, new RunExtras.Share(startNs, start.firstProducer(), start.allProducers()),
                    this::keep, null, null)).execute();
            found = outcome(report.document());
        } catch (final IOException | RuntimeException ex) {
            found = new WorkerMessages.Outcome("failed", List.of(), List.of(String.valueOf(ex.getMessage())), 0, 0, 0,
                Map.of(), 0, null, null);
        }
        synchronized (lock) {
            outcome = found;
        }
    }

    private void keep(final RunExtras.Interval interval) {
        final Histogram histogram = interval.histogram();
        final ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        final int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        final String hdr = Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
        synchronized (lock) {
            if (intervals.size() < MAX_INTERVALS) {
                intervals.add(new WorkerMessages.Interval(interval.tag(), interval.startMs(), interval.endMs(), hdr));
            }
        }
    }

    private static WorkerMessages.Outcome outcome(final RunDocument document) {
        final Measured measured = document.measured();
        return new WorkerMessages.Outcome(document.status().word(), document.invalidReasons(), document.notes(),
            measured.sent(), measured.acked(), measured.consumed(), measured.errors(), measured.durationNs(),
            document.verify(), measured.cost());
    }

    private static void answer(final HttpExchange exchange, final Object message) throws IOException {
        final byte[] body = WorkerMessages.write(message);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void answer(final HttpExchange exchange, final int status, final String message)
        throws IOException {
        final byte[] body = message.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, Math.max(1, body.length));
        exchange.getResponseBody().write(body.length == 0 ? new byte[1] : body);
    }
}
