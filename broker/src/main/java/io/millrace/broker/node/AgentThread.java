package io.millrace.broker.node;

/** The thread of one agent, which knows its agent's counters. Made by the starting thread. */
final class AgentThread extends Thread {
    private final AgentCounters counters;

    AgentThread(final Runnable work, final String name, final AgentCounters counters) {
        super(work, name);
        this.counters = counters;
    }

    /** {@return the counters of the agent that runs now, null on a thread that is no agent's} */
    static AgentCounters currentCounters() {
        return Thread.currentThread() instanceof AgentThread agent ? agent.counters : null;
    }
}
