package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Reads streams from an offset on, chunk by chunk, with credit for a few chunks; owned by the thread that polls it.
 *
 * <pre>
 *  0       1      2         4         8       16      24              32    36       40        44         48
 *  +-------+------+---------+---------+-------+-------+---------------+-----+--------+---------+----------+---
 *  | magic | type | entries | records | time  | epoch | first offset  | crc | length | trailer | reserved | data
 *  +-------+------+---------+---------+-------+-------+---------------+-----+--------+---------+----------+---
 * </pre>
 */
final class StreamReader implements ConsumerSession, StreamLink.Commands {
    private static final short FIRST_CREDIT = 10;
    private static final short OFFSET = 4;
    private static final byte MAGIC = 0x50;
    private static final int HEADER_LENGTH = 48;
    private static final int DATA_SECTION = 0x005375B0;
    private static final long NS_PER_MS = 1_000_000L;
    private static final int MAX_SUBSCRIPTIONS = 255;

    private final StreamLink link;
    private final int[] lanes;
    private final long[] nextOffsets;
    private final CRC32 crc = new CRC32();
    private RecordSource.Handler handler;
    private int taken;
    private ByteBuffer view;
    private ByteBuffer viewed;

    /**
     * Subscribes.
     *
     * @param link         to a server that has a replica of each stream, taken over unless this throws
     * @param streams      to read
     * @param lanes        of each
     * @param startOffsets of each
     */
    StreamReader(final StreamLink link, final String[] streams, final int[] lanes, final long[] startOffsets) {
        this.link = link;
        this.lanes = lanes.clone();
        nextOffsets = startOffsets.clone();
        if (streams.length > MAX_SUBSCRIPTIONS) {
            throw new TargetRefusedException("consumers: one would read " + streams.length
                + " streams, more than " + MAX_SUBSCRIPTIONS + " on a connection; raise --consumers", null);
        }
        for (int i = 0; i < streams.length; i++) {
            final ByteBuffer out = link.request(StreamLink.SUBSCRIBE).put((byte) i);
            StreamLink.text(out, streams[i]);
            // not awaited one by one: chunks of the first come before the answer to the last
            link.end(out.putShort(OFFSET).putLong(nextOffsets[i]).putShort(FIRST_CREDIT).putInt(0));
        }
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler to) {
        handler = to;
        taken = 0;
        final long deadlineNs = System.nanoTime() + maxNs;
        while (true) {
            link.wire().flush();
            link.wire().fill();
            link.take(this);
            link.wire().flush();
            final long leftNs = deadlineNs - System.nanoTime();
            if (taken > 0 || leftNs <= 0) {
                return taken;
            }
            link.wire().await(Math.max(NS_PER_MS, leftNs));
        }
    }

    @Override
    public void onCommand(final short key, final ByteBuffer in, final int index) {
        if (key == StreamLink.DELIVER) {
            final int place = in.get(index) & 0xFF;
            if (viewed != in) {
                viewed = in;
                view = in.duplicate(); // the handler moves position and limit
            }
            view.clear();
            chunk(place, view, index + 1);
            link.end(link.begin(StreamLink.CREDIT).put((byte) place).putShort((short) 1));
        } else if (key == (short) (StreamLink.SUBSCRIBE | 0x8000)) {
            final short code = in.getShort(index + Integer.BYTES);
            if (code != StreamLink.OK) {
                throw new Wire.WireException("rabbitmq refuses to be read: code " + code + ", "
                    + StreamLink.reason(code), null);
            }
        } else if (key == StreamLink.METADATA_UPDATE) {
            throw new Wire.WireException("rabbitmq: a stream has changed its leader or is gone", null);
        }
    }

    Wire wire() {
        return link.wire();
    }

    @Override
    public void close() {
        link.close();
    }

    private void chunk(final int place, final ByteBuffer in, final int start) {
        final byte type = in.get(start + 1);
        final int entries = in.getShort(start + 2) & 0xFFFF;
        long offset = in.getLong(start + 24);
        final int length = in.getInt(start + 36);
        if (in.get(start) != MAGIC) {
            throw new Wire.WireException("rabbitmq: a chunk does not begin as it must", null);
        }
        if (type != 0) {
            return; // what the server keeps for itself
        }
        crc.reset();
        crc.update(in.slice(start + HEADER_LENGTH, length));
        if ((int) crc.getValue() != in.getInt(start + 32)) {
            handler.onDamagedBatch(lanes[place], offset, "the checksum of a chunk does not hold");
            nextOffsets[place] = offset + in.getInt(start + 4);
            return;
        }
        int index = start + HEADER_LENGTH;
        for (int i = 0; i < entries; i++) {
            final int entryLength = in.getInt(index);
            if (entryLength < 0) {
                throw new Wire.WireException("rabbitmq: a batch within a chunk, which nobody sent", null);
            }
            index += Integer.BYTES;
            if (offset >= nextOffsets[place]) {
                final boolean isData = entryLength >= 8 && in.getInt(index) == DATA_SECTION;
                handler.onRecord(lanes[place], in, isData ? index + 8 : index, isData ? entryLength - 8 : entryLength);
                in.clear();
                nextOffsets[place] = offset + 1;
                taken++;
            }
            offset++;
            index += entryLength;
        }
    }
}
