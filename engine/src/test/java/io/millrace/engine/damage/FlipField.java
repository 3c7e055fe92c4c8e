package io.millrace.engine.damage;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Some bytes of a sample's files that mean one thing.
 *
 * @param file       that holds them
 * @param fileOffset of the first
 * @param length     how many
 * @param place      where in the log they are
 * @param frame      position of the frame they belong to, -1 outside of frames
 * @param isPatched  whether they belong to the part of a frame that only the frame's header CRC covers
 */
record FlipField(String file, int fileOffset, int length, Place place, int frame, boolean isPatched) {
    /** What recovery thinks of the bytes around. */
    enum Place {
        /** Behind the synced mark: what fails ends the log. */
        TAIL,
        /** Below the synced mark, in a segment that recovery reads. */
        SYNCED,
        /** In an older segment that recovery trusts for its index. */
        SEALED,
        /** Behind the end of the log. */
        UNUSED,
        INDEX,
        CHECKPOINT
    }

    private static final int HEADER = FrameDescriptor.HEADER_LENGTH;
    private static final int INDEX_HEADER_LENGTH = 40;
    private static final int INDEX_PARTITION_COUNT_AT = 28;
    private static final int INDEX_PARTITION_LENGTH = 40;

    /** {@return every byte of a sample's files, by class of field and place} */
    static TreeMap<String, List<FlipField>> of(final SampleLog sample) {
        final TreeMap<String, List<FlipField>> fields = new TreeMap<>();
        for (int i = 0; i + 1 < sample.frames.length; i++) {
            addFrame(sample, sample.frames[i], fields);
        }
        final SimDisk disk = sample.disk(0);
        final int last = sample.bases.length - 1;
        final int usedLength = sample.end - sample.bases[last];
        final int fileLength = disk.bytes(sample.file(last)).length;
        if (fileLength > usedLength) {
            // what comes next would be read there, so most flips go to the first bytes
            final int near = Math.min(64, fileLength - usedLength);
            add(fields, "unused, next frame", new FlipField(
                sample.file(last), usedLength, near, Place.UNUSED, -1, false));
            add(fields, "unused", new FlipField(
                sample.file(last), usedLength, fileLength - usedLength, Place.UNUSED, -1, false));
        }
        for (final String name : disk.list()) {
            if (name.endsWith(SegmentNames.INDEX_SUFFIX)) {
                final byte[] index = disk.bytes(name);
                final int entries = INDEX_HEADER_LENGTH + INDEX_PARTITION_LENGTH
                    * ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN).getInt(INDEX_PARTITION_COUNT_AT);
                add(fields, "index header", new FlipField(name, 0, INDEX_HEADER_LENGTH, Place.INDEX, -1, false));
                add(fields, "index partitions", new FlipField(
                    name, INDEX_HEADER_LENGTH, entries - INDEX_HEADER_LENGTH, Place.INDEX, -1, false));
                add(fields, "index entries",
                    new FlipField(name, entries, index.length - entries, Place.INDEX, -1, false));
            }
        }
        add(fields, "checkpoint", new FlipField(SegmentNames.CHECKPOINT, 0,
            disk.bytes(SegmentNames.CHECKPOINT).length, Place.CHECKPOINT, -1, false));
        return fields;
    }

    private static void add(
        final TreeMap<String, List<FlipField>> fields, final String name, final FlipField field) {
        if (field.length() > 0) {
            fields.computeIfAbsent(name + " @" + field.place().name().toLowerCase(Locale.ROOT),
                ignored -> new ArrayList<>()).add(field);
        }
    }

    private static void addFrame(
        final SampleLog sample, final int frame, final TreeMap<String, List<FlipField>> fields) {
        final int segment = sample.segmentAt(frame);
        final Place place = segment < sample.firstScanned() ? Place.SEALED
            : frame < sample.synced ? Place.SYNCED : Place.TAIL;
        final UnsafeBuffer buffer = new UnsafeBuffer(sample.bytes);
        final int type = FrameDescriptor.type(buffer, frame);
        final int length = FrameDescriptor.length(buffer, frame);
        final String kind = type == FrameDescriptor.TYPE_BATCH ? "frame "
            : type == FrameDescriptor.TYPE_STATE ? "state frame " : "epoch frame ";
        final FieldAdder adder = (name, at, count, isPatched) -> add(fields, name, new FlipField(sample.file(segment),
            frame - sample.bases[segment] + at, count, place, frame, isPatched));
        adder.add(kind + "length", FrameDescriptor.LENGTH_FIELD_OFFSET, 4, true);
        adder.add(kind + "type", FrameDescriptor.TYPE_FIELD_OFFSET, 4, true);
        adder.add(kind + "position", FrameDescriptor.POSITION_FIELD_OFFSET, 8, true);
        adder.add(kind + "leader epoch", FrameDescriptor.LEADER_EPOCH_FIELD_OFFSET, 4, true);
        adder.add(kind + "partition id", FrameDescriptor.PARTITION_ID_FIELD_OFFSET, 4, true);
        adder.add(kind + "header CRC", FrameDescriptor.HEADER_CRC_FIELD_OFFSET, 4, true);
        adder.add(kind + "previous CRC", FrameDescriptor.PREVIOUS_CRC_FIELD_OFFSET, 4, true);
        adder.add("padding", length, FrameDescriptor.alignedLength(length) - length, false);
        if (type == FrameDescriptor.TYPE_BATCH) {
            addBatch(length, adder);
        } else {
            adder.add(kind + "body", HEADER, length - HEADER, true);
        }
    }

    private interface FieldAdder {
        void add(String name, int at, int count, boolean isPatched);
    }

    private static void addBatch(final int frameLength, final FieldAdder adder) {
        adder.add("batch base offset", HEADER + BatchDescriptor.BASE_OFFSET_FIELD_OFFSET, 8, true);
        adder.add("batch length", HEADER + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, 4, true);
        adder.add("batch leader epoch", HEADER + BatchDescriptor.PARTITION_LEADER_EPOCH_FIELD_OFFSET, 4, true);
        adder.add("batch magic", HEADER + BatchDescriptor.MAGIC_FIELD_OFFSET, 1, true);
        adder.add("batch CRC", HEADER + BatchDescriptor.CRC_FIELD_OFFSET, 4, true);
        adder.add("batch attributes", HEADER + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 2, false);
        adder.add("batch last offset delta", HEADER + BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, 4, false);
        adder.add("batch base timestamp", HEADER + BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, 8, false);
        adder.add("batch max timestamp", HEADER + BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, 8, false);
        adder.add("batch producer id", HEADER + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, 8, false);
        adder.add("batch producer epoch", HEADER + BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, 2, false);
        adder.add("batch base sequence", HEADER + BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, 4, false);
        adder.add("batch record count", HEADER + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 4, false);
        adder.add("batch body", HEADER + BatchDescriptor.HEADER_LENGTH,
            frameLength - HEADER - BatchDescriptor.HEADER_LENGTH, false);
    }
}
