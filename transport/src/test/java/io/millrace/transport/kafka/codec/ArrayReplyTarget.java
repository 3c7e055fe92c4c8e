package io.millrace.transport.kafka.codec;

import io.millrace.engine.io.LogFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** Collects a response in memory. */
final class ArrayReplyTarget implements ReplyTarget {
    private static final int NOWHERE = -1;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final List<Region> regions = new ArrayList<>();

    private record Region(int atIndex, LogFile file, long fileOffset, int length) {
    }

    @Override
    public MutableDirectBuffer ensureCapacity(final int capacity) {
        buffer.checkLimit(capacity);
        return buffer;
    }

    @Override
    public void addRegion(final LogFile file, final long fileOffset, final int length) {
        regions.add(new Region(NOWHERE, file, fileOffset, length));
    }

    @Override
    public void placeRegions(final int atIndex) {
        regions.replaceAll(region -> region.atIndex == NOWHERE
            ? new Region(atIndex, region.file, region.fileOffset, region.length) : region);
    }

    @Override
    public void clearRegions() {
        regions.clear();
    }

    MutableDirectBuffer buffer() {
        return buffer;
    }

    /** {@return the body as it would be sent} */
    ByteBuffer body(final int end) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = BODY_INDEX;
        for (final Region region : regions) {
            out.write(buffer.byteArray(), at, region.atIndex - at);
            at = region.atIndex;
            final ByteBuffer bytes = ByteBuffer.allocate(region.length);
            region.file.read(bytes, region.fileOffset);
            out.write(bytes.array());
        }
        out.write(buffer.byteArray(), at, end - at);
        return ByteBuffer.wrap(out.toByteArray());
    }
}
