package io.millrace.engine.damage;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The page that tells the preloaded fault shim what to do, and in which it counts; layout in fault-shim.c. */
public final class ShimControl {
    /** Which calls may fail. */
    public enum Operation {
        /** Any of them. */
        WRITE,
        /** fsync and fdatasync. */
        SYNC
    }

    /** How they fail. */
    public enum Action {
        /** EIO. */
        IO_ERROR,
        /** ENOSPC. */
        NO_SPACE,
        /** Half of it is written. */
        SHORT_WRITE
    }

    /** Of the file; the shim maps all of it. */
    public static final int LENGTH = 4096;

    private static final int ARMED_AT = 0;
    private static final int OPERATION_AT = 8;
    private static final int ACTION_AT = 16;
    private static final int PASSES_AT = 24;
    private static final int REPEATS_AT = 32;
    private static final int SEEN_AT = 40;
    private static final int DONE_AT = 48;
    private static final int PATH_AT = 64;

    private final MappedByteBuffer page;

    /**
     * Maps a control file.
     *
     * @param file of {@link #LENGTH} bytes
     * @throws IOException when it cannot be mapped
     */
    public ShimControl(final Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            page = channel.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH);
            page.order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /**
     * From now on the call after so many passes fails, and with repeats all after it.
     *
     * @param operation  that may fail
     * @param action     how
     * @param partOfPath of the files that are meant
     * @param passCount  calls that go well before
     * @param isRepeated whether all later ones fail, too
     */
    public void arm(
        final Operation operation,
        final Action action,
        final String partOfPath,
        final int passCount,
        final boolean isRepeated) {
        disarm();
        page.putLong(OPERATION_AT, operation.ordinal() + 1);
        page.putLong(ACTION_AT, action.ordinal() + 1);
        page.putLong(PASSES_AT, passCount);
        page.putLong(REPEATS_AT, isRepeated ? 1 : 0);
        page.putLong(SEEN_AT, 0);
        page.putLong(DONE_AT, 0);
        final byte[] path = partOfPath.getBytes(StandardCharsets.UTF_8);
        page.put(PATH_AT, path);
        page.put(PATH_AT + path.length, (byte) 0);
        page.putLong(ARMED_AT, 1);
    }

    /** From now on all goes well. */
    public void disarm() {
        page.putLong(ARMED_AT, 0);
    }

    /** {@return calls that were meant, since the last arming} */
    public long seenCount() {
        return page.getLong(SEEN_AT);
    }

    /** {@return calls that the shim let fail, since the last arming} */
    public long doneCount() {
        return page.getLong(DONE_AT);
    }
}
