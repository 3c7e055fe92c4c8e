package io.millrace.targets.redis;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Reads streams with XREAD, one command at a time; owned by the thread that polls it. */
final class RedisReader implements ConsumerSession {
    private static final int COUNT = 1_000;
    private static final long NS_PER_MS = 1_000_000L;

    private final Wire wire;
    private final String[] streams;
    private final int[] lanes;
    /** Records of each stream that are passed over: a stream knows times, not numbers. */
    private final long[] skips;
    private final String[] lastIds;
    private final Map<String, Integer> places = new HashMap<>();
    private boolean isAsked;

    RedisReader(final Wire wire, final String[] streams, final int[] lanes, final long[] startOffsets) {
        this.wire = wire;
        this.streams = streams.clone();
        this.lanes = lanes.clone();
        skips = startOffsets.clone();
        lastIds = new String[streams.length];
        Arrays.fill(lastIds, "0-0");
        for (int i = 0; i < streams.length; i++) {
            places.put(streams[i], i);
        }
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler handler) {
        final long deadlineNs = System.nanoTime() + maxNs;
        if (!isAsked) {
            ask(Math.max(1, maxNs / NS_PER_MS));
        }
        wire.flush();
        while (true) {
            wire.fill();
            final ByteBuffer in = wire.in();
            final int end = in.hasRemaining() ? Resp.end(in, in.position()) : -1;
            if (end >= 0) {
                isAsked = false;
                final int count = take(in.duplicate(), in.position(), handler);
                in.position(end);
                return count;
            }
            final long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                return 0;
            }
            wire.await(Math.max(NS_PER_MS, leftNs));
            wire.flush();
        }
    }

    @Override
    public void close() {
        wire.close();
    }

    private void ask(final long blockMs) {
        final String[] words = new String[6 + 2 * streams.length];
        System.arraycopy(new String[] {"XREAD", "COUNT", String.valueOf(COUNT), "BLOCK", String.valueOf(blockMs),
            "STREAMS"}, 0, words, 0, 6);
        System.arraycopy(streams, 0, words, 6, streams.length);
        System.arraycopy(lastIds, 0, words, 6 + streams.length, streams.length);
        Resp.command(wire, words);
        isAsked = true;
    }

    /** The reply: for each stream with news its name and its entries, each an id and a list of field and value. */
    private int take(final ByteBuffer in, final int start, final RecordSource.Handler handler) {
        if (in.get(start) == '-') {
            throw new Wire.WireException("redis refuses XREAD: " + Resp.text(in, start), null);
        }
        final long streamCount = Resp.number(in, start + 1);
        int index = Resp.afterLine(in, start);
        int recordCount = 0;
        for (long s = 0; s < streamCount; s++) {
            index = Resp.afterLine(in, index);
            final int place = places.get(Resp.text(in, index));
            index = Resp.end(in, index);
            final long entryCount = Resp.number(in, index + 1);
            index = Resp.afterLine(in, index);
            for (long e = 0; e < entryCount; e++) {
                final int idIndex = Resp.afterLine(in, index);
                if (e + 1 == entryCount) {
                    lastIds[place] = Resp.text(in, idIndex);
                }
                final int field = Resp.afterLine(in, Resp.end(in, idIndex));
                final int value = Resp.end(in, field);
                final int length = (int) Resp.number(in, value + 1);
                final int first = Resp.afterLine(in, value);
                final int end = Resp.end(in, value);
                if (skips[place] > 0) {
                    skips[place]--;
                } else {
                    final int limit = in.limit();
                    handler.onRecord(lanes[place], in, first, length);
                    in.clear().limit(limit);
                    recordCount++;
                }
                index = end;
            }
        }
        return recordCount;
    }
}
