package io.millrace.load.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.Tags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the load generator itself reaches with a driver that does nothing, on one machine.
 *
 * @param schema       {@link #SCHEMA}
 * @param fingerprint  of the machine
 * @param measuredAt   ISO 8601
 * @param maxRatePerS  records a second without a schedule
 * @param pacedPerS    rate at which the others were measured
 * @param lagP99Ns     schedule lag at that rate
 * @param lagP999Ns    schedule lag at that rate
 * @param rtP999Ns     response time at that rate
 * @param cpuNsPerMsg  processor time of this process per record
 * @param recordBytes  of a record
 */
public record HarnessFloor(
    String schema,
    String fingerprint,
    @JsonProperty("measured_at") String measuredAt,
    @JsonProperty("max_rate_per_s") double maxRatePerS,
    @JsonProperty("paced_per_s") double pacedPerS,
    @JsonProperty("lag_p99_ns") Long lagP99Ns,
    @JsonProperty("lag_p99.9_ns") Long lagP999Ns,
    @JsonProperty("rt_p99.9_ns") Long rtP999Ns,
    @JsonProperty("cpu_ns_per_msg") Double cpuNsPerMsg,
    @JsonProperty("record_bytes") int recordBytes) {
    /** The version this code writes and reads. */
    public static final String SCHEMA = "bench/calibration/v1";

    private static final double NEAR = 3;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /** {@return where the floor of a machine is kept} */
    private static Path file(final String fingerprint) {
        return Path.of(System.getProperty("millrace.calibration.dir",
            System.getProperty("user.home") + "/.millrace/calibration"),
            fingerprint.substring(0, Math.min(16, fingerprint.length())) + ".json");
    }

    /**
     * {@return the floor of this machine, null if it was never measured or cannot be read}
     *
     * @param fingerprint of the machine
     */
    public static HarnessFloor load(final String fingerprint) {
        final Path file = file(fingerprint);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            final HarnessFloor floor = MAPPER.readValue(file.toFile(), HarnessFloor.class);
            return SCHEMA.equals(floor.schema()) && fingerprint.equals(floor.fingerprint()) ? floor : null;
        } catch (final IOException ex) {
            return null; // it can be measured again
        }
    }

    /**
     * Keeps it for later runs.
     *
     * @return the file
     */
    public Path store() {
        final Path file = file(fingerprint);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, json() + "\n");
            return file;
        } catch (final IOException ex) {
            throw new java.io.UncheckedIOException("cannot write " + file + "; check free space and permissions", ex);
        }
    }

    /** {@return as JSON} */
    public String json() {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this);
        } catch (final JacksonException ex) {
            throw new IllegalStateException("a record of numbers is JSON", ex);
        }
    }

    /**
     * {@return what of a result lies within three times of the floor, in sentences}
     *
     * @param measured what was measured
     */
    List<String> near(final Measured measured) {
        final List<String> near = new ArrayList<>();
        if (measured.achievedPerS() * NEAR > maxRatePerS) {
            near.add(String.format(Locale.ROOT, "The rate, %,.0f/s, is within %.0f times of what the load generator "
                + "reaches without a target, %,.0f/s.", measured.achievedPerS(), NEAR, maxRatePerS));
        }
        final LatencySummary rt = measured.latency() == null ? null : measured.latency().get(Tags.ACK_RT);
        if (rt != null && rt.p999Ns() != null && rtP999Ns != null && rt.p999Ns() < NEAR * rtP999Ns) {
            near.add(String.format(Locale.ROOT, "The response time's p99.9, %s, is within %.0f times of the load "
                + "generator's own, %s: lateness of this machine is part of it.",
                io.millrace.load.workload.Units.duration(rt.p999Ns()), NEAR,
                io.millrace.load.workload.Units.duration(rtP999Ns)));
        }
        if (measured.cost() != null && measured.cost().clientCpuNsPerMsg() != null && cpuNsPerMsg != null
            && measured.cost().clientCpuNsPerMsg() < NEAR * cpuNsPerMsg) {
            near.add(String.format(Locale.ROOT, "The client's processor time, %,.0f ns a record, is within %.0f times "
                + "of the load generator's own, %,.0f ns.", measured.cost().clientCpuNsPerMsg(), NEAR, cpuNsPerMsg));
        }
        return near;
    }

    /**
     * Makes the floor from two runs of the null driver.
     *
     * @param fingerprint of the machine
     * @param fastest     without a schedule
     * @param paced       with one
     * @param recordBytes of a record
     * @return the floor
     */
    public static HarnessFloor of(
        final String fingerprint, final Measured fastest, final Measured paced, final int recordBytes) {
        final LatencySummary lag = paced.latency().get(Tags.SCHED_LAG);
        final LatencySummary rt = paced.latency().get(Tags.ACK_RT);
        return new HarnessFloor(SCHEMA, fingerprint, Instant.now().toString(), fastest.achievedPerS(),
            paced.achievedPerS(), lag == null ? null : lag.p99Ns(), lag == null ? null : lag.p999Ns(),
            rt == null ? null : rt.p999Ns(), paced.cost() == null ? null : paced.cost().clientCpuNsPerMsg(),
            recordBytes);
    }
}
