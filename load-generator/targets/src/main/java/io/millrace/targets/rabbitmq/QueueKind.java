package io.millrace.targets.rabbitmq;

/** What holds a partition's records. */
enum QueueKind {
    /** A quorum queue: Raft, synced by every member before it counts. */
    QUORUM("rabbitmq", "quorum", "x-quorum-initial-group-size", "balanced"),
    /** A stream: a replicated log that consumers read without taking from it. */
    STREAM("rabbitmq-stream", "stream", "x-initial-cluster-size", "least-leaders");

    private final String target;
    private final String queueType;
    private final String replicasArgument;
    private final String leaderLocator;

    QueueKind(
        final String target, final String queueType, final String replicasArgument, final String leaderLocator) {
        this.target = target;
        this.queueType = queueType;
        this.replicasArgument = replicasArgument;
        this.leaderLocator = leaderLocator;
    }

    /** {@return the name the system is started by} */
    String target() {
        return target;
    }

    String queueType() {
        return queueType;
    }

    /** {@return the name in results} */
    String driverName() {
        return "rabbitmq-" + queueType;
    }

    String replicasArgument() {
        return replicasArgument;
    }

    String leaderLocator() {
        return leaderLocator;
    }
}
