package io.millrace.results.statistics;

/** A figure two sides are compared by. */
public enum Metric {
    /** Acknowledged records per second. */
    RATE("achieved rate", false, Metric.NO_QUANTILE),
    /** Median response time. */
    RT_P50("RT p50", true, 0.5),
    /** 99th percentile of the response time. */
    RT_P99("RT p99", true, 0.99),
    /** 99.9th percentile of the response time. */
    RT_P999("RT p99.9", true, 0.999),
    /** Longest response time. */
    RT_MAX("RT max", true, 1.0),
    /** Processor time of all brokers per 10^9 payload bytes; only of brokers that could be measured. */
    BROKER_CPU("broker CPU s/GB", true, Metric.NO_QUANTILE),
    /** Heap bytes that all brokers allocated per record; only of brokers that could be measured. */
    BROKER_ALLOC("broker alloc/record", true, Metric.NO_QUANTILE);

    private static final double NO_QUANTILE = -1;

    private final String label;
    private final boolean isLowerBetter;
    private final double quantile;

    Metric(final String label, final boolean isLowerBetter, final double quantile) {
        this.label = label;
        this.isLowerBetter = isLowerBetter;
        this.quantile = quantile;
    }

    /** {@return its name in tables} */
    public String label() {
        return label;
    }

    /** {@return true for times and costs, false for rates} */
    public boolean isLowerBetter() {
        return isLowerBetter;
    }

    /** {@return true if it is a response time in nanoseconds} */
    public boolean isTime() {
        return quantile > 0;
    }

    /** {@return true if not every run knows it} */
    public boolean isCost() {
        return this == BROKER_CPU || this == BROKER_ALLOC;
    }

    /** {@return the quantile it reads, 1 for the longest, negative if it is none} */
    double quantile() {
        return quantile;
    }
}
