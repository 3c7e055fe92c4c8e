package io.millrace.targets.rabbitmq;

import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import java.util.function.Consumer;

/** RabbitMQ with streams instead of queues. Set-up thread. */
public final class RabbitStreamSystem implements TargetSystem {
    private final RabbitSystem system = new RabbitSystem(QueueKind.STREAM);

    /** Found by {@link java.util.ServiceLoader}. */
    public RabbitStreamSystem() {
    }

    @Override
    public String name() {
        return system.name();
    }

    @Override
    public String summary() {
        return system.summary();
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        return system.start(options, progress);
    }
}
