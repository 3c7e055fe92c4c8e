package io.millrace.transport.kafka.server;

import org.agrona.concurrent.IdleStrategy;

/** Parks the network thread in its selector. Owned by that thread. */
final class SelectorIdleStrategy implements IdleStrategy {
    private final KafkaServerAgent agent;

    SelectorIdleStrategy(final KafkaServerAgent agent) {
        this.agent = agent;
    }

    @Override
    public void idle(final int workCount) {
        if (workCount <= 0) {
            agent.park();
        }
    }

    @Override
    public void idle() {
        agent.park();
    }

    @Override
    public void reset() {
        // no state between waits
    }

    @Override
    public String alias() {
        return "selector";
    }
}
