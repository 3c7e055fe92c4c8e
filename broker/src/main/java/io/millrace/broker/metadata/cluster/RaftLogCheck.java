package io.millrace.broker.metadata.cluster;

import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.RecordingLog;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the snapshots and the Raft log of a controller before anything is recovered from them. Owned by the thread that
 * starts the node.
 *
 * <p>A damaged snapshot is passed over when an older one, or the log from its beginning, leads to the same state; else,
 * and when the log itself is damaged, the start is refused and nothing is changed. Aeron would find the damage only
 * while it replays, and then wait for ever.
 */
final class RaftLogCheck {
    private static final int CONSENSUS_MODULE = -1;
    private static final int SERVICE = 0;

    private final ClusterMetadataConfiguration configuration;
    private final AeronArchive archive;
    private final RecordingChecksum checksum = new RecordingChecksum();

    private RaftLogCheck(final ClusterMetadataConfiguration configuration, final AeronArchive archive) {
        this.configuration = configuration;
        this.archive = archive;
    }

    /** What the archive knows of a recording. */
    private record Recording(long id, long startPosition, long stopPosition, int termLength, int segmentLength) {
    }

    /** A snapshot of both parts, with what is wrong with it, null for nothing. */
    private record Snapshot(long logPosition, String damage) {
    }

    /**
     * Checks what a start would recover from.
     *
     * @throws QuorumRefusedException when it is damaged and there is no way round
     */
    static void check(final ClusterMetadataConfiguration configuration, final AeronArchive archive,
        final Consumer<String> notices) {
        final File directory = ClusterContexts.clusterDir(configuration);
        if (!new File(directory, RecordingLog.RECORDING_LOG_FILE_NAME).exists()) {
            return;
        }
        try (RecordingLog log = new RecordingLog(directory, false)) {
            new RaftLogCheck(configuration, archive).check(log, notices);
        }
    }

    private void check(final RecordingLog log, final Consumer<String> notices) {
        final RecordingLog.Entry term = log.findLastTerm();
        final Recording recording = term == null ? null : find(term.recordingId);
        if (recording == null) {
            return;
        }
        final List<String> damages = new ArrayList<>();
        long from = recording.startPosition();
        boolean found = false;
        for (final Snapshot snapshot : snapshots(log)) {
            if (snapshot.damage() == null) {
                from = snapshot.logPosition();
                found = true;
                break;
            }
            damages.add(snapshot.damage());
        }
        if (!damages.isEmpty() && (found ? from < recording.startPosition() : recording.startPosition() > 0)) {
            throw refuse("the snapshots of the metadata are damaged and the log before them is no longer kept: "
                + String.join("; ", damages));
        }
        final String damage = damageOf(recording, Math.max(from, recording.startPosition()));
        if (damage != null) {
            throw refuse("the Raft log of the metadata is damaged: " + damage);
        }
        for (final String passedOver : damages) {
            log.invalidateLatestSnapshot();
            notices.accept("a snapshot of the metadata is damaged: " + passedOver + "; it is passed over, this start "
                + "recovers from " + (found ? "the one at log position " + from : "the log alone"));
        }
    }

    private QuorumRefusedException refuse(final String reason) {
        return new QuorumRefusedException(reason + ". Nothing was changed. To rebuild this controller, stop it and one "
            + "that is healthy, put a copy of the healthy one's folder 'metadata' in the place of "
            + configuration.dataDir() + ", and start both");
    }

    /** {@return the snapshots that a start would take, the newest first} */
    private List<Snapshot> snapshots(final RecordingLog log) {
        final TreeSet<Long> positions = new TreeSet<>(Comparator.reverseOrder());
        for (final RecordingLog.Entry entry : log.entries()) {
            if (isSnapshot(entry) && entry.serviceId == CONSENSUS_MODULE) {
                positions.add(entry.logPosition);
            }
        }
        final List<Snapshot> snapshots = new ArrayList<>();
        for (final long position : positions) {
            String damage = null;
            for (final RecordingLog.Entry entry : log.entries()) {
                if (damage == null && isSnapshot(entry) && entry.logPosition == position
                    && (entry.serviceId == CONSENSUS_MODULE || entry.serviceId == SERVICE)) {
                    final Recording recording = find(entry.recordingId);
                    damage = recording == null ? "recording " + entry.recordingId + " is gone"
                        : damageOf(recording, recording.startPosition());
                }
            }
            snapshots.add(new Snapshot(position, damage));
        }
        return snapshots;
    }

    private static boolean isSnapshot(final RecordingLog.Entry entry) {
        return entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && entry.isValid;
    }

    private Recording find(final long recordingId) {
        final Recording[] found = new Recording[1];
        archive.listRecording(recordingId, (controlSessionId, correlationId, id, startTimestamp, stopTimestamp,
            startPosition, stopPosition, initialTermId, segmentFileLength, termBufferLength, mtuLength, sessionId,
            streamId, strippedChannel, originalChannel, sourceIdentity) ->
            found[0] = new Recording(id, startPosition, stopPosition, termBufferLength, segmentFileLength));
        return found[0];
    }

    /** {@return where a recording is damaged from a position on, null when it is whole} */
    private String damageOf(final Recording recording, final long fromPosition) {
        long position = fromPosition;
        while (position < recording.stopPosition()) {
            final long base = AeronArchive.segmentFileBasePosition(
                recording.startPosition(), position, recording.termLength(), recording.segmentLength());
            final File file = new File(ClusterContexts.archiveDir(configuration), recording.id() + "-" + base + ".rec");
            final long end = Math.min(recording.stopPosition(), base + recording.segmentLength());
            try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
                final ByteBuffer bytes = ByteBuffer.allocateDirect((int) (end - base)).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
                    continue;
                }
                final int damaged = firstDamaged(
                    new UnsafeBuffer(bytes), recording.termLength(), base, (int) (position - base), bytes.position());
                if (damaged < end - base) {
                    return file + " at byte " + damaged;
                }
            } catch (final NoSuchFileException ex) {
                return file + " is missing";
            } catch (final IOException ex) {
                return file + " cannot be read: " + ex.getMessage();
            }
            position = end;
        }
        return null;
    }

    /** {@return index of the first frame that does not hold what was recorded, the length when all do} */
    private int firstDamaged(
        final UnsafeBuffer segment, final int termLength, final long base, final int from, final int length) {
        int index = from;
        while (index < length) {
            if (length - index < DataHeaderFlyweight.HEADER_LENGTH) {
                return index;
            }
            final int frameLength = FrameDescriptor.frameLength(segment, index);
            final int termOffset = (int) (base + index) & termLength - 1;
            if (frameLength < DataHeaderFlyweight.HEADER_LENGTH || frameLength > termLength - termOffset
                || segment.getInt(index + DataHeaderFlyweight.TERM_OFFSET_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN)
                != termOffset) {
                return index;
            }
            final int alignedLength = BitUtil.align(frameLength, FrameDescriptor.FRAME_ALIGNMENT);
            final int type = FrameDescriptor.frameType(segment, index);
            if (type == HeaderFlyweight.HDR_TYPE_DATA) {
                if (alignedLength > length - index || checksum.compute(segment.addressOffset(),
                    index + DataHeaderFlyweight.HEADER_LENGTH, alignedLength - DataHeaderFlyweight.HEADER_LENGTH)
                    != FrameDescriptor.frameSessionId(segment, index)) {
                    return index;
                }
            } else if (type != HeaderFlyweight.HDR_TYPE_PAD) {
                return index;
            }
            index += alignedLength;
        }
        return length;
    }
}
