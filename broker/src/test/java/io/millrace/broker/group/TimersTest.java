package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is to happen later. */
class TimersTest {
    private final Timers timers = new Timers();
    private final List<String> happened = new ArrayList<>();

    @Test
    void shouldForgetWhatIsCancelledAtOnce() {
        for (int i = 0; i < 1000; i++) {
            final int number = i;
            final Timers.Timer timer = timers.schedule(1_800_000, () -> happened.add("timer " + number));
            Timers.cancel(number == 500 ? null : timer);
            Timers.cancel(number == 500 ? null : timer);
        }
        assertEquals(1, timers.count());
        assertEquals(1, timers.poll(1_800_000, 1000));
        assertEquals(List.of("timer 500"), happened);
        assertEquals(0, timers.count());
        assertEquals(Long.MAX_VALUE, timers.nextMs());
    }

    @Test
    void shouldHappenInOrderAndLaterWhereTheTimeHasMovedAway() {
        final long[] dueMs = {10};
        timers.schedule(() -> dueMs[0], () -> happened.add("moved"));
        timers.schedule(10, () -> happened.add("first"));
        timers.schedule(10, () -> happened.add("second"));
        dueMs[0] = 20;
        assertEquals(2, timers.poll(10, 1000));
        assertEquals(20, timers.nextMs());
        assertEquals(1, timers.poll(20, 1000));
        assertEquals(List.of("first", "second", "moved"), happened);
    }
}
