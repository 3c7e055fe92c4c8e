package io.millrace.broker.group;

/** Where a classic group stands. */
enum ClassicState {
    EMPTY("Empty"),
    PREPARING("PreparingRebalance"),
    COMPLETING("CompletingRebalance"),
    STABLE("Stable");

    private final String text;

    ClassicState(final String text) {
        this.text = text;
    }

    /** {@return the name that Kafka's tools show} */
    String text() {
        return text;
    }
}
