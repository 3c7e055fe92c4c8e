package io.millrace.load.worker;

import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.workload.WorkloadException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The coordinator's side of one worker; one thread. */
final class WorkerClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int CLOCK_ROUNDS = 8;

    private final String address;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private long offsetMs;
    private double boundMs = Double.MAX_VALUE;

    WorkerClient(final String address) {
        this.address = address;
    }

    String address() {
        return address;
    }

    /** Compares clocks: the answer that came quickest tells best. */
    void compareClocks() {
        for (int i = 0; i < CLOCK_ROUNDS; i++) {
            final long beforeMs = System.currentTimeMillis();
            final long beforeNs = System.nanoTime();
            final WorkerMessages.Clock clock = ask("clock", new byte[0], WorkerMessages.Clock.class);
            final double tookMs = (System.nanoTime() - beforeNs) / 1e6;
            if (clock.isBusy()) {
                throw new WorkloadException("workers: " + address + " is busy with another run; wait, or end it there");
            }
            if (tookMs / 2 < boundMs) {
                boundMs = tookMs / 2;
                offsetMs = clock.epochMs() - Math.round(beforeMs + tookMs / 2);
            }
        }
    }

    /** {@return the worker's wall clock minus ours} */
    long offsetMs() {
        return offsetMs;
    }

    /** {@return how far off the offset may be} */
    double boundMs() {
        return boundMs + 1;
    }

    void start(final WorkerMessages.Start start) {
        ask("start", WorkerMessages.write(start), Object.class);
    }

    WorkerMessages.Progress progress(final int from) {
        return ask("progress", String.valueOf(from).getBytes(StandardCharsets.US_ASCII),
            WorkerMessages.Progress.class);
    }

    void stop() {
        ask("stop", new byte[0], Object.class);
    }

    private <T> T ask(final String what, final byte[] body, final Class<T> type) {
        try {
            final HttpResponse<java.io.InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + WorkerMessages.PATH + what)).timeout(TIMEOUT)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
            final byte[] answer;
            try (java.io.InputStream in = response.body()) {
                answer = in.readNBytes(WorkerMessages.MAX_ANSWER_LENGTH + 1);
            }
            if (answer.length > WorkerMessages.MAX_ANSWER_LENGTH) {
                throw new IOException("answer longer than " + WorkerMessages.MAX_ANSWER_LENGTH + " bytes");
            }
            if (response.statusCode() != 200) {
                throw new WorkloadException("workers: " + address + " refuses " + what + ": "
                    + new String(answer, StandardCharsets.UTF_8));
            }
            return WorkerMessages.read(answer, type);
        } catch (final IOException ex) {
            throw new TargetUnreachableException("worker " + address + " does not answer: " + ex
                + "; start it with 'millrace bench worker --listen " + address + "'", ex);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new TargetUnreachableException("interrupted while asking worker " + address, ex);
        }
    }
}
