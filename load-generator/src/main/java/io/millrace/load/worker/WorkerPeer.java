package io.millrace.load.worker;

import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.run.RunTotals;
import io.millrace.load.workload.WorkloadException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The coordinator's side of one worker; owned by the coordinator's thread. */
final class WorkerPeer {
    /** A process that has just begun may take long to answer at all where the machine is busy. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(3);
    private static final long ASK_INTERVAL_NS = 150_000_000L;
    private static final int CLOCK_ROUNDS = 16;
    /** A process that refuses connections for so long is gone. */
    private static final long REFUSED_NS = 2_000_000_000L;

    private final String address;
    private final HttpClient http;
    private final long maxSilenceNs;
    private WorkerMessages.Hello hello;
    private long offsetNs;
    private long boundNs = Long.MAX_VALUE;
    private boolean isSameClock;
    private CompletableFuture<HttpResponse<byte[]>> pending;
    private long askedNs = System.nanoTime() - ASK_INTERVAL_NS;
    /** When it was first asked what it has not answered yet: silence is counted from there. */
    private long silentSinceNs;
    private boolean isSilent;
    private long slowestNs;
    private long refusedSinceNs;
    private boolean isRefused;
    private WorkerMessages.Progress last;
    private RunTotals totals = RunTotals.NONE;
    private String lost;

    WorkerPeer(final String address, final HttpClient http, final long maxSilenceNs) {
        this.address = address;
        this.http = http;
        this.maxSilenceNs = maxSilenceNs;
    }

    String address() {
        return address;
    }

    /**
     * Compares clocks: the answer that came quickest tells best.
     *
     * @param ownClockId of this process
     * @return the worker's offset as found now
     */
    long compareClocks(final String ownClockId) {
        boundNs = Long.MAX_VALUE;
        for (int i = 0; i < CLOCK_ROUNDS; i++) {
            final long beforeNs = System.nanoTime();
            hello = ask("hello", new byte[0], WorkerMessages.Hello.class);
            final long tookNs = System.nanoTime() - beforeNs;
            if (hello.protocol() != WorkerMessages.PROTOCOL) {
                throw new WorkloadException("workers: " + address + " speaks protocol " + hello.protocol() + ", not "
                    + WorkerMessages.PROTOCOL + "; use the same version of the application everywhere");
            }
            if (tookNs / 2 < boundNs) {
                boundNs = tookNs / 2;
                offsetNs = hello.nanoNs() - (beforeNs + tookNs / 2);
            }
        }
        isSameClock = !ownClockId.isEmpty() && ownClockId.equals(hello.clockId());
        if (isSameClock) {
            offsetNs = 0;
            boundNs = 0;
        }
        return offsetNs;
    }

    WorkerMessages.Hello hello() {
        return hello;
    }

    /** {@return the worker's monotonic clock minus ours} */
    long offsetNs() {
        return offsetNs;
    }

    /** {@return how far off the offset may be} */
    long boundNs() {
        return boundNs;
    }

    /** {@return how long the slowest answer took, times in vain included} */
    long slowestNs() {
        return slowestNs;
    }

    /** {@return true if its clock is ours} */
    boolean isSameClock() {
        return isSameClock;
    }

    /** {@return why it is out, or null} */
    String lost() {
        return lost;
    }

    /** {@return what it said last, null if it has not yet} */
    WorkerMessages.Progress last() {
        return last;
    }

    WorkerMessages.Outcome outcome() {
        return last == null ? null : last.outcome();
    }

    RunTotals totals() {
        return totals;
    }

    /** {@return true while there is more to come} */
    boolean isTelling() {
        return lost == null && outcome() == null;
    }

    long nextSample() {
        return last == null ? 0 : last.nextSample();
    }

    long nextEvent() {
        return last == null ? 0 : last.nextEvent();
    }

    void lose(final String reason) {
        if (lost == null) {
            lost = "Worker " + address + " " + reason;
        }
    }

    /**
     * Looks for an answer.
     *
     * @param question asked if none is under way
     * @return the answer, null if there is none yet
     */
    WorkerMessages.Progress poll(final WorkerMessages.Poll question) {
        WorkerMessages.Progress answer = null;
        if (pending != null && pending.isDone()) {
            answer = take();
        }
        if (lost == null && isSilent && System.nanoTime() - silentSinceNs > maxSilenceNs) {
            lose(String.format(java.util.Locale.ROOT, "has not answered for %.0f s: it hangs, or its host cannot be "
                + "reached. The run was ended; what it had told until then is counted.", maxSilenceNs / 1e9));
        }
        // Often enough for decisions, seldom enough to cost nothing beside a load on the same machine.
        if (pending == null && answer == null && isTelling() && System.nanoTime() - askedNs > ASK_INTERVAL_NS) {
            askedNs = System.nanoTime();
            silentSinceNs = isSilent ? silentSinceNs : askedNs;
            isSilent = true;
            pending = http.sendAsync(request("poll", WorkerMessages.write(question), POLL_TIMEOUT),
                info -> new BoundedBody(WorkerMessages.MAX_ANSWER_LENGTH));
        }
        return answer;
    }

    private WorkerMessages.Progress take() {
        final CompletableFuture<HttpResponse<byte[]>> done = pending;
        pending = null;
        try {
            final HttpResponse<byte[]> response = done.join();
            slowestNs = Math.max(slowestNs, System.nanoTime() - silentSinceNs);
            isSilent = false;
            isRefused = false;
            if (response.statusCode() != 200) {
                lose("knows nothing of this run any more (" + text(response) + "): it was started anew. The run was "
                    + "ended; what it had told until then is counted.");
                return null;
            }
            final WorkerMessages.Progress said =
                WorkerMessages.read(response.body(), WorkerMessages.Progress.class);
            if (said.totals() == null || said.samples() == null || said.events() == null
                || said.outcome() != null && (said.outcome().totals() == null || said.outcome().notes() == null
                || said.outcome().gaps() == null)) {
                throw new IllegalArgumentException("an answer without figures");
            }
            last = said;
            totals = last.outcome() == null ? last.totals() : last.outcome().totals();
            return last;
        } catch (final CompletionException ex) {
            if (ex.getCause() instanceof ConnectException) {
                refusedSinceNs = isRefused ? refusedSinceNs : System.nanoTime();
                isRefused = true;
                if (System.nanoTime() - refusedSinceNs > REFUSED_NS) {
                    lose("is gone: nobody listens there any more. The run was ended; what it had told until then is "
                        + "counted.");
                }
            }
            return null; // asked again until it has been silent for too long
        } catch (final IOException | IllegalArgumentException ex) {
            lose("answers what makes no sense: " + ex.getMessage());
            return null;
        }
    }

    <T> T ask(final String what, final byte[] body, final Class<T> type) {
        final byte[] answer = ask(what, body);
        try {
            return WorkerMessages.read(answer, type);
        } catch (final IOException ex) {
            throw new WorkloadException("workers: " + address + " answers what makes no sense: " + ex.getMessage()
                + "; use the same version of the application everywhere");
        }
    }

    /**
     * Asks and waits.
     *
     * @param what of the paths
     * @param body of the request
     * @return the answer
     */
    byte[] ask(final String what, final byte[] body) {
        // one that is lost is told all the same, in case that it can hear, but not waited for
        return ask(what, body, lost == null ? CALL_TIMEOUT : POLL_TIMEOUT);
    }

    private byte[] ask(final String what, final byte[] body, final Duration timeout) {
        final long beforeNs = System.nanoTime();
        try {
            final HttpResponse<byte[]> response = http.send(request(what, body, timeout),
                info -> new BoundedBody(WorkerMessages.MAX_ANSWER_LENGTH));
            if (response.statusCode() != 200) {
                throw new WorkloadException("workers: " + address + " refuses " + what + ": " + text(response));
            }
            slowestNs = Math.max(slowestNs, System.nanoTime() - beforeNs);
            return response.body();
        } catch (final IOException ex) {
            throw new TargetUnreachableException("worker " + address + " does not answer: " + ex
                + "; start it with 'millrace bench worker --listen " + address + "'", ex);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new TargetUnreachableException("interrupted while asking worker " + address, ex);
        }
    }

    private HttpRequest request(final String what, final byte[] body, final Duration timeout) {
        return HttpRequest.newBuilder(URI.create("http://" + address + WorkerMessages.PATH + what)).timeout(timeout)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    }

    private static String text(final HttpResponse<byte[]> response) {
        final String text = new String(response.body(), StandardCharsets.UTF_8);
        return text.length() > 2_000 ? text.substring(0, 2_000) : text;
    }
}
