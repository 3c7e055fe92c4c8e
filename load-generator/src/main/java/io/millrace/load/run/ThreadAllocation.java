package io.millrace.load.run;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

/**
 * Heap bytes that all threads of this process have allocated, those that have ended included. Owned by the run's
 * thread.
 *
 * <p>A JDK before 21 does not count what ended threads allocated; there each thread's last known count is kept, so what
 * one allocates between the last look and its end is missing.
 */
final class ThreadAllocation {
    private final ThreadMXBean threads =
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean ? bean : null;
    private final Map<Long, Long> lengthByThread = new HashMap<>();
    private Method total = totalMethod();

    /** {@return bytes allocated so far} */
    long length() {
        if (threads == null) {
            return 0;
        }
        if (total != null) {
            try {
                return (Long) total.invoke(threads);
            } catch (final IllegalAccessException | InvocationTargetException ex) {
                total = null; // this virtual machine does not count it; what is known of each thread must do
            }
        }
        final long[] ids = threads.getAllThreadIds();
        final long[] lengths = threads.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            lengthByThread.merge(ids[i], Math.max(0, lengths[i]), Math::max);
        }
        return lengthByThread.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Method totalMethod() {
        try {
            return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (final NoSuchMethodException ex) {
            return null; // before JDK 21
        }
    }
}
