package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.engine.ProduceOutcomes;
import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers each outcome and insists on one per reply id. Owned by the test's engine thread. */
final class RecordedOutcomes implements ProduceOutcomes {
    /** One answer. */
    record Outcome(short errorCode, long baseOffset, long logStartOffset) {
    }

    final Map<Long, Outcome> byReplyId = new LinkedHashMap<>();

    @Override
    public void onOutcome(
        final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        final Outcome before = byReplyId.put(replyId, new Outcome(errorCode, baseOffset, logStartOffset));
        assertNull(before, "answered twice: " + replyId);
    }

    void assertRefused(final long replyId, final short errorCode) {
        final Outcome outcome = byReplyId.get(replyId);
        assertNotNull(outcome, "no answer: " + replyId);
        assertEquals(new Outcome(errorCode, -1, -1), outcome, "reply " + replyId);
    }

    void assertAccepted(final long replyId, final long baseOffset) {
        final Outcome outcome = byReplyId.get(replyId);
        assertNotNull(outcome, "no answer: " + replyId);
        assertEquals(new Outcome((short) 0, baseOffset, 0), outcome, "reply " + replyId);
    }

    void assertWaiting(final long replyId) {
        assertNull(byReplyId.get(replyId), "answered too early: " + replyId);
    }
}
