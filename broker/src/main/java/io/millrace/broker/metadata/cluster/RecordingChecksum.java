package io.millrace.broker.metadata.cluster;

import io.aeron.archive.checksum.Checksum;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * CRC32C of recorded fragments. Owned by the thread that runs the archive.
 *
 * <p>Aeron's own reaches into {@code java.util.zip} by reflection, which takes one more flag of the JVM; at the rate of
 * metadata a copy through the heap costs nothing.
 */
final class RecordingChecksum implements Checksum {
    private static final int COPY_LENGTH = 4096;

    private final CRC32C crc = new CRC32C();
    private final UnsafeBuffer source = new UnsafeBuffer(0, 0);
    private final byte[] copy = new byte[COPY_LENGTH];

    @Override
    public int compute(final long address, final int offset, final int length) {
        crc.reset();
        source.wrap(address + offset, length);
        int index = 0;
        while (index < length) {
            final int count = Math.min(COPY_LENGTH, length - index);
            source.getBytes(index, copy, 0, count);
            crc.update(copy, 0, count);
            index += count;
        }
        return (int) crc.getValue();
    }
}
