package io.millrace.engine.log;

import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.state.ShardState;
import java.io.IOException;

/** Goes through every frame of a log on disk, trusting no index. Used by one thread. */
public final class LogCheck {
    private LogCheck() {
    }

    /**
     * {@return position of the first frame that is damaged, the end when there is none}
     *
     * @param storage the shard's directory
     * @param bases   of its segments
     * @param end     of the log
     * @throws IOException when the disk fails
     */
    public static long firstDamage(final LogStorage storage, final int[] bases, final int end) throws IOException {
        final FrameScanner scanner = new FrameScanner(new ShardState());
        for (int i = 0; i < bases.length; i++) {
            final int limit = i + 1 < bases.length ? bases[i + 1] : end;
            try (LogFile file = storage.open(SegmentNames.log(bases[i]), false)) {
                final long found = scanner.scan(file, bases[i], limit, new MemoryIndex());
                if (found != limit) {
                    return found;
                }
            }
        }
        return end;
    }
}
