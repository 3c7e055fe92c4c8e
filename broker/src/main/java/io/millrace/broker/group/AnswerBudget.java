package io.millrace.broker.group;

/** What one answer about groups may still take, as an estimate of its length. Owned by the network thread. */
public final class AnswerBudget {
    /** Longest answer: it is on the heap more than once while it is written. */
    public static final long MAX_LENGTH = 16L * 1024 * 1024;
    /** What a list's entry takes besides its texts. */
    private static final int ENTRY_LENGTH = 64;

    private long left = MAX_LENGTH;

    /** {@return whether nothing more goes into the answer} */
    public boolean isSpent() {
        return left <= 0;
    }

    /**
     * Counts one entry of the answer. {@return whether there was room for it}
     *
     * @param contentLength bytes of its texts and other contents
     */
    public boolean take(final long contentLength) {
        left = Math.max(0, left - ENTRY_LENGTH - contentLength);
        return left > 0;
    }

    /**
     * Counts a text as one entry. {@return whether there was room for it}
     *
     * @param text null takes nothing
     */
    public boolean take(final String text) {
        return text == null || take(lengthOf(text));
    }

    /** {@return bytes of a text in UTF-8} */
    static long lengthOf(final String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            length += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return length;
    }
}
