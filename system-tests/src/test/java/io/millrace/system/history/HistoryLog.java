package io.millrace.system.history;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A history in a file, in the order in which events were appended. Any thread appends; one reads it later. */
public final class HistoryLog implements HistorySink, AutoCloseable {
    private static final int BUFFER_LENGTH = 1 << 18;
    private static final byte LANE = 1;
    private static final byte SEND = 2;
    private static final byte SEEK = 3;
    private static final byte POLL = 4;
    private static final byte DRAINED = 5;
    private static final byte MARKS = 6;
    private static final byte LEADER = 7;
    private static final Outcome[] OUTCOMES = Outcome.values();
    private static final Guarantee[] GUARANTEES = Guarantee.values();

    private final DataOutputStream out;
    private boolean isClosed;

    /**
     * Begins a new history.
     *
     * @param file to write, replaced when it exists
     * @throws IOException when it cannot be made
     */
    public HistoryLog(final Path file) throws IOException {
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_LENGTH));
    }

    @Override
    public synchronized void append(final HistoryEvent event) {
        if (isClosed) {
            return; // a client that ends late; its send counts as never begun, so nobody may wait for it
        }
        try {
            write(event);
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    private void write(final HistoryEvent event) throws IOException {
        if (event instanceof HistoryEvent.Send send) {
            out.writeByte(SEND);
            out.writeInt(send.lane());
            out.writeLong(send.sequence());
            out.writeLong(send.startNs());
            out.writeLong(send.endNs());
            out.writeByte(send.outcome().ordinal());
            out.writeLong(send.offset());
            out.writeInt(send.crc());
        } else if (event instanceof HistoryEvent.Poll poll) {
            write(poll);
        } else if (event instanceof HistoryEvent.Lane lane) {
            out.writeByte(LANE);
            out.writeInt(lane.lane());
            out.writeInt(lane.process());
            out.writeInt(lane.partition());
            out.writeByte(lane.guarantee().ordinal());
        } else if (event instanceof HistoryEvent.Seek seek) {
            out.writeByte(SEEK);
            out.writeInt(seek.process());
            out.writeInt(seek.partition());
        } else if (event instanceof HistoryEvent.Drained drained) {
            out.writeByte(DRAINED);
            out.writeInt(drained.partition());
            out.writeLong(drained.endOffset());
        } else if (event instanceof HistoryEvent.Marks marks) {
            out.writeByte(MARKS);
            out.writeInt(marks.partition());
            out.writeLong(marks.startNs());
            out.writeLong(marks.endNs());
            out.writeLong(marks.logStart());
            out.writeLong(marks.highWatermark());
        } else if (event instanceof HistoryEvent.Leader leader) {
            out.writeByte(LEADER);
            out.writeInt(leader.partition());
            out.writeInt(leader.epoch());
            out.writeInt(leader.node());
        }
    }

    private void write(final HistoryEvent.Poll poll) throws IOException {
        out.writeByte(POLL);
        out.writeInt(poll.process());
        out.writeInt(poll.partition());
        out.writeLong(poll.startNs());
        out.writeLong(poll.endNs());
        out.writeLong(poll.offset());
        out.writeInt(poll.epoch());
        out.writeInt(poll.lane());
        out.writeLong(poll.sequence());
        out.writeInt(poll.payloadPartition());
        out.writeInt(poll.crc());
        out.writeBoolean(poll.isDrain());
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        try {
            out.close();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * Reads a history from its beginning.
     *
     * @param file that was written and closed
     * @param sink takes every event in order
     * @throws IOException when it cannot be read, or ends within an event
     */
    public static void read(final Path file, final HistorySink sink) throws IOException {
        try (DataInputStream in =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_LENGTH))) {
            for (int type = in.read(); type >= 0; type = in.read()) {
                sink.append(read(in, type));
            }
        }
    }

    private static HistoryEvent read(final DataInputStream in, final int type) throws IOException {
        return switch (type) {
            case LANE -> new HistoryEvent.Lane(in.readInt(), in.readInt(), in.readInt(), GUARANTEES[in.readByte()]);
            case SEND -> new HistoryEvent.Send(in.readInt(), in.readLong(), in.readLong(), in.readLong(),
                OUTCOMES[in.readByte()], in.readLong(), in.readInt());
            case SEEK -> new HistoryEvent.Seek(in.readInt(), in.readInt());
            case POLL -> new HistoryEvent.Poll(in.readInt(), in.readInt(), in.readLong(), in.readLong(),
                in.readLong(), in.readInt(), in.readInt(), in.readLong(), in.readInt(), in.readInt(),
                in.readBoolean());
            case DRAINED -> new HistoryEvent.Drained(in.readInt(), in.readLong());
            case MARKS -> new HistoryEvent.Marks(in.readInt(), in.readLong(), in.readLong(), in.readLong(),
                in.readLong());
            case LEADER -> new HistoryEvent.Leader(in.readInt(), in.readInt(), in.readInt());
            default -> throw new IOException("not an event of a history: type=" + type);
        };
    }
}
