package io.millrace.broker.sim;

/** Somebody who talks to brokers over connections that keep their order. */
abstract class SimClient {
    final int id;
    final int shardId;
    final int partitionId;
    final Simulation simulation;
    private int leaderId = 1;
    private long requestNs;
    private long responseNs;

    SimClient(final Simulation simulation, final int id, final int shardId, final int partitionId) {
        this.simulation = simulation;
        this.id = id;
        this.shardId = shardId;
        this.partitionId = partitionId;
    }

    int leaderId() {
        return leaderId;
    }

    /** Asks any broker who leads; it may be behind the times, or not answer at all. */
    void findLeader() {
        final int asked = 1 + simulation.nextInt(SimOptions.BROKER_COUNT);
        final int answer = simulation.node(asked).frontDoor().leaderOf(shardId);
        if (answer > 0) {
            leaderId = answer;
        }
    }

    /** {@return when a request sent now arrives: behind all sent before} */
    long nextRequestNs(final long delayNs) {
        requestNs = Math.max(requestNs + 1, simulation.scheduler().nowNs() + delayNs);
        return requestNs;
    }

    /** {@return when an answer given now arrives: behind all given before} */
    long nextResponseNs(final long delayNs) {
        responseNs = Math.max(responseNs + 1, simulation.scheduler().nowNs() + delayNs);
        return responseNs;
    }
}
