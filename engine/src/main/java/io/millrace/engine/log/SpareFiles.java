package io.millrace.engine.log;

import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.Segment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/** What the engine thread and maintenance hand each other, without a lock. */
final class SpareFiles {
    /**
     * A file and its present name.
     *
     * @param name in the shard's directory
     * @param file open
     */
    record NamedFile(String name, LogFile file) {
    }

    /** Maintenance puts the next segment's file here, the engine thread takes it. */
    final AtomicReference<NamedFile> prepared = new AtomicReference<>();
    /**
     * Files that held a segment once and wait to hold another; maintenance adds and takes. To overwrite one is far
     * cheaper than to make one: its blocks are allocated and its pages are in memory.
     */
    final Queue<NamedFile> recycled = new ConcurrentLinkedQueue<>();
    /** Segments that left the log; the engine thread adds, maintenance closes them when nobody reads them. */
    final Queue<Segment> retired = new ConcurrentLinkedQueue<>();
    /** Cleared indexes for coming segments; maintenance adds, the engine thread takes. */
    final Queue<MemoryIndex> indexes = new ConcurrentLinkedQueue<>();
    /** Indexes and files replaced by others, to be cleared or closed when nobody reads their segment. */
    final Queue<ReplacedIndex> replaced = new ConcurrentLinkedQueue<>();

    /**
     * An index or a file that new readers of its segment no longer find.
     *
     * @param segment whose readers may still use it
     * @param index   the replaced one
     */
    record ReplacedIndex(Segment segment, Object index) {
    }

    MemoryIndex takeIndex() {
        final MemoryIndex index = indexes.poll();
        return index == null ? new MemoryIndex() : index;
    }
}
