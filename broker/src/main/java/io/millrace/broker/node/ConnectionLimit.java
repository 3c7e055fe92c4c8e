package io.millrace.broker.node;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;

/** How many connections leave the logs enough open files. Stateless. */
final class ConnectionLimit {
    private static final long MAX_KEPT_FILE_COUNT = 2_000;

    private ConnectionLimit() {
    }

    /** {@return the configured limit, or less where the limit of open files asks for it} */
    static int within(final int configured, final Consumer<String> warnings) {
        final long fileLimit = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean bean
            ? bean.getMaxFileDescriptorCount() : Long.MAX_VALUE;
        return within(configured, fileLimit, warnings);
    }

    static int within(final int configured, final long fileLimit, final Consumer<String> warnings) {
        final long allowed = Math.max(1, fileLimit - Math.min(MAX_KEPT_FILE_COUNT, fileLimit / 2));
        if (configured <= allowed) {
            return configured;
        }
        warnings.accept("max.connections=" + configured + " is more than the limit of open files allows: taking "
            + allowed + " connections, limit of open files=" + fileLimit + "; raise it with ulimit -n");
        return (int) allowed;
    }
}
