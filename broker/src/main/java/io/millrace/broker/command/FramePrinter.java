package io.millrace.broker.command;

import static io.millrace.engine.format.FrameDescriptor.HEADER_LENGTH;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.log.Finding;
import io.millrace.transport.kafka.client.RecordBatchReader;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import java.io.PrintWriter;
import java.time.Instant;
import org.agrona.DirectBuffer;

/** Prints frames one a line, as text or as JSON. Owned by the main thread. */
final class FramePrinter {
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd", "5", "6", "7"};
    private static final int CODEC_MASK = 7;

    private final PrintWriter out;
    private final boolean isJson;
    private final boolean isWithRecords;
    private final RecordBatchReader records = new RecordBatchReader(null);
    private final StringBuilder line = new StringBuilder(256);

    FramePrinter(final PrintWriter out, final boolean isJson, final boolean isWithRecords) {
        this.out = out;
        this.isJson = isJson;
        this.isWithRecords = isWithRecords;
    }

    void onFile(final String file) {
        if (!isJson) {
            out.println("# " + file);
        }
    }

    void onFrame(final String file, final DirectBuffer buffer, final int index, final long position) {
        final int type = FrameDescriptor.type(buffer, index);
        begin();
        text("file", isJson ? file : null);
        number("position", position);
        number("length", FrameDescriptor.length(buffer, index));
        text("type", switch (type) {
            case FrameDescriptor.TYPE_BATCH -> "batch";
            case FrameDescriptor.TYPE_EPOCH_START -> "epoch-start";
            case FrameDescriptor.TYPE_STATE -> "state";
            case FrameDescriptor.TYPE_LOG_START -> "log-starts";
            default -> Integer.toString(type);
        });
        number("epoch", FrameDescriptor.leaderEpoch(buffer, index));
        if (type == FrameDescriptor.TYPE_BATCH) {
            batch(buffer, index);
        }
        crc("headerCrc", FrameDescriptor.headerCrc(buffer, index));
        crc("previousCrc", FrameDescriptor.previousCrc(buffer, index));
        end();
        if (isWithRecords && type == FrameDescriptor.TYPE_BATCH) {
            records(buffer, index, position);
        }
    }

    private void batch(final DirectBuffer buffer, final int index) {
        final int batch = index + HEADER_LENGTH;
        number("partition", FrameDescriptor.partitionId(buffer, index));
        number("baseOffset", BatchDescriptor.baseOffset(buffer, batch));
        number("nextOffset", BatchDescriptor.nextOffset(buffer, batch));
        number("records", BatchDescriptor.recordsCount(buffer, batch));
        text("compression", CODECS[BatchDescriptor.attributes(buffer, batch) & CODEC_MASK]);
        time("baseTimestamp", BatchDescriptor.baseTimestampMs(buffer, batch));
        time("maxTimestamp", BatchDescriptor.maxTimestampMs(buffer, batch));
        if (BatchDescriptor.producerId(buffer, batch) != BatchDescriptor.NO_PRODUCER_ID) {
            number("producerId", BatchDescriptor.producerId(buffer, batch));
            number("producerEpoch", BatchDescriptor.producerEpoch(buffer, batch));
            number("baseSequence", BatchDescriptor.baseSequence(buffer, batch));
        }
        crc("batchCrc", BatchDescriptor.crc(buffer, batch));
    }

    private void records(final DirectBuffer buffer, final int index, final long position) {
        final int batch = index + HEADER_LENGTH;
        try {
            if ((BatchDescriptor.attributes(buffer, batch) & CODEC_MASK) != 0) {
                problem("position", position, "records are compressed and not opened");
                return;
            }
            records.wrap(buffer, batch, FrameDescriptor.length(buffer, index) - HEADER_LENGTH);
            while (records.nextBatch()) {
                while (records.nextRecord()) {
                    begin();
                    if (!isJson) {
                        line.append("  record");
                    }
                    number("offset", records.offset());
                    time("timestamp", records.timestampMs());
                    number("keyLength", records.keyLength());
                    number("valueLength", records.valueLength());
                    end();
                }
            }
        } catch (final MalformedRequestException | IndexOutOfBoundsException ex) {
            problem("position", position, "records cannot be read: " + ex.getMessage());
        }
    }

    void onFinding(final Finding finding) {
        problem("damaged", finding.position(), finding.toString());
    }

    void onEnd(final long position, final String tail) {
        problem("end", position, tail == null ? "nothing was written behind this" : "torn tail: " + tail);
    }

    private void problem(final String name, final long position, final String text) {
        begin();
        if (isJson) {
            number(name, position);
            text("text", text);
        } else {
            line.append("  ! ").append(name).append(' ').append(position).append(": ").append(text);
        }
        end();
    }

    private void begin() {
        line.setLength(0);
        if (isJson) {
            line.append('{');
        }
    }

    private void name(final String name) {
        if (isJson) {
            line.append(line.length() > 1 ? ",\"" : "\"").append(name).append("\":");
        } else {
            line.append(line.length() > 0 ? " " : "").append(name).append('=');
        }
    }

    private void number(final String name, final long value) {
        name(name);
        line.append(value);
    }

    private void crc(final String name, final int value) {
        text(name, "0x" + Integer.toHexString(value));
    }

    private void time(final String name, final long timestampMs) {
        if (isJson) {
            number(name + "Ms", timestampMs);
        } else {
            text(name, timestampMs < 0 ? Long.toString(timestampMs) : Instant.ofEpochMilli(timestampMs).toString());
        }
    }

    private void text(final String name, final String value) {
        if (value == null) {
            return;
        }
        name(name);
        if (isJson) {
            line.append('"').append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
        } else {
            line.append(value);
        }
    }

    private void end() {
        out.println(isJson ? line.append('}') : line);
    }
}
