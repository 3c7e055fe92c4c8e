package io.millrace.results.statistics;

import io.millrace.results.model.Cost;
import io.millrace.results.model.Tags;

import java.util.function.Function;

/** A figure of a run with load. */
public enum Metric implements Figure {
    /** Acknowledged records per second. */
    RATE("rate", "achieved rate", Unit.PER_S),
    /** Median response time. */
    RT_P50("rt.p50", "RT p50", Tags.ACK_RT, 0.5),
    /** 99th percentile of the response time. */
    RT_P99("rt.p99", "RT p99", Tags.ACK_RT, 0.99),
    /** 99.9th percentile of the response time. */
    RT_P999("rt.p99.9", "RT p99.9", Tags.ACK_RT, 0.999),
    /** Longest response time. */
    RT_MAX("rt.max", "RT max", Tags.ACK_RT, 1.0),
    /** Median from the intended send time to the consumer; only where consumers took part. */
    E2E_P50("e2e.p50", "end to end p50", Tags.E2E_RT, 0.5),
    /** 99th percentile from the intended send time to the consumer; only where consumers took part. */
    E2E_P99("e2e.p99", "end to end p99", Tags.E2E_RT, 0.99),
    /** 99.9th percentile from the intended send time to the consumer; only where consumers took part. */
    E2E_P999("e2e.p99.9", "end to end p99.9", Tags.E2E_RT, 0.999),
    /** Processor time of all brokers per 10^9 payload bytes; only of brokers that could be measured. */
    BROKER_CPU("cpu.broker", "broker CPU s/GB", Unit.CPU_S_PER_GB, Cost::brokerCpuSPerGb),
    /** Heap bytes that all brokers allocated per record; only of brokers that could be measured. */
    BROKER_ALLOC("alloc.broker", "broker alloc/record", Unit.BYTES, Cost::brokerAllocBytesPerMsg),
    /** Processor time of the measuring process per record. */
    CLIENT_CPU("cpu.client", "client CPU/record", Unit.NS, Cost::clientCpuNsPerMsg),
    /** Heap bytes that the measuring process allocated per record. */
    CLIENT_ALLOC("alloc.client", "client alloc/record", Unit.BYTES, Cost::allocBytesPerMsg),
    /** Bytes that all brokers wrote to disk per byte of payload. */
    WRITE_AMPLIFICATION("disk.amplification", "disk bytes/payload byte", Unit.NUMBER, Cost::writeAmplification),
    /** 99th percentile of the syncs of the brokers' logs; only of brokers that time them. */
    FSYNC_P99("fsync.p99", "log sync p99", Unit.NS,
        cost -> cost.fsyncLatency() == null || cost.fsyncLatency().p99Ns() == null ? null
            : Double.valueOf(cost.fsyncLatency().p99Ns())),
    /** Context switches of all brokers per record. */
    BROKER_SWITCHES("switches.broker", "broker switches/record", Unit.NUMBER, Cost::brokerSwitchesPerMsg),
    /** Pauses for garbage collection of all brokers together; if a run has none, there is no verdict. */
    BROKER_GC("gc.broker", "broker GC pauses", Unit.NS,
        cost -> cost.brokerGcPauseNs() == null ? null : Double.valueOf(cost.brokerGcPauseNs()));

    private static final double NO_QUANTILE = -1;

    private final String key;
    private final String label;
    private final Unit unit;
    private final String tag;
    private final double quantile;
    private final Function<Cost, Double> cost;

    Metric(final String key, final String label, final Unit unit) {
        this(key, label, unit, null, NO_QUANTILE, null);
    }

    Metric(final String key, final String label, final String tag, final double quantile) {
        this(key, label, Unit.NS, tag, quantile, null);
    }

    Metric(final String key, final String label, final Unit unit, final Function<Cost, Double> cost) {
        this(key, label, unit, null, NO_QUANTILE, cost);
    }

    Metric(final String key, final String label, final Unit unit, final String tag, final double quantile,
        final Function<Cost, Double> cost) {
        this.key = key;
        this.label = label;
        this.unit = unit;
        this.tag = tag;
        this.quantile = quantile;
        this.cost = cost;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean isLowerBetter() {
        return this != RATE;
    }

    @Override
    public Unit unit() {
        return unit;
    }

    /** {@return true if it is a quantile of interval histograms, in nanoseconds} */
    public boolean isTime() {
        return tag != null;
    }

    /** {@return true if it comes from the cost of a run} */
    public boolean isCost() {
        return cost != null;
    }

    /** {@return true if not every run knows it} */
    public boolean isOptional() {
        return isCost() || Tags.E2E_RT.equals(tag);
    }

    /** {@return the histograms it reads, null if none} */
    String tag() {
        return tag;
    }

    /** {@return the quantile it reads, 1 for the longest, negative if it is none} */
    double quantile() {
        return quantile;
    }

    /** Of a cost that is known; NaN where this part of it is not. Zero is a figure, though none with a ratio. */
    double of(final Cost known) {
        final Double value = cost.apply(known);
        return value == null || value < 0 ? Double.NaN : value;
    }
}
