package io.millrace.engine.log;

/**
 * One thing that is wrong with a shard's files. Immutable.
 *
 * @param kind     what it means
 * @param file     name in the shard's directory
 * @param position in the log for {@link Kind#SEGMENT}, else byte index in the file; -1 when it is about the whole file
 * @param problem  what is wrong
 * @param expected what should be there, empty when the problem says it
 * @param found    what is there, empty when the problem says it
 */
public record Finding(Kind kind, String file, long position, String problem, String expected, String found) {
    /** What a finding is about. */
    public enum Kind {
        /** Frames are damaged or missing: these bytes must come from another replica. */
        SEGMENT,
        /** An index file says something else than its segment; it can be built again from there. */
        INDEX,
        /** Another file of the directory. */
        FILE
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(160).append(file);
        if (position >= 0) {
            text.append(kind == Kind.SEGMENT ? " position=" : " byte=").append(position);
        }
        text.append(": ").append(problem);
        if (!expected.isEmpty()) {
            text.append(" expected=").append(expected);
        }
        if (!found.isEmpty()) {
            text.append(" found=").append(found);
        }
        return text.toString();
    }
}
