package io.millrace.engine.shard;

import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.ArchivingMediaDriver;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.status.RecordingPos;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.CloseHelper;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One exclusive publication over IPC that an embedded Aeron Archive records. Owned by JMH's thread; driver and archive
 * have theirs.
 *
 * <p>A record is a message of {@code length} bytes, in a frame of 32 bytes more. Settings follow Aeron's own sample
 * EmbeddedRecordingThroughput: media driver and archive in one process, recording events off, files not synced by
 * the archive (file sync level 0, the default), no record checksum (the default), segments of 128 MiB (the
 * default), the default back-off idling; an exclusive publication, which is Aeron's fast one for a single sender. Terms
 * have 16 MiB, like Millrace's ring; IPC's default of 64 MiB is not faster and needs 192 MiB of shared memory. The
 * message fits the IPC default MTU. The driver's threads have nothing to do for IPC, so the driver is SHARED; the
 * archive's threading is a parameter, because which is better depends on the count of cores; compare with the better.
 */
@State(Scope.Benchmark)
public class AeronArchiveRecorder {
    private static final int STREAM_ID = 1001;
    private static final int TERM_LENGTH = 16 * 1024 * 1024;
    private static final int ALIGNMENT = 64;
    private static final long KEPT_LENGTH = 256L * 1024 * 1024;
    private static final long CONNECT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

    /** Bytes of a message. */
    @Param({"128", "1024"})
    public int length;

    /** Whether the archive's conductor and recorder have a thread each. */
    @Param({"SHARED", "DEDICATED"})
    public ArchiveThreadingMode archiveThreading;

    private final BackoffIdleStrategy idleStrategy = new BackoffIdleStrategy();
    private Scratch scratch;
    private Scratch memory;
    private ArchivingMediaDriver driver;
    private AeronArchive archive;
    private ExclusivePublication publication;
    private CountersReader counters;
    private int recordedCounterId;
    private long recordingId;
    private long purgedPosition;
    private long syncedPosition;
    private UnsafeBuffer message;

    /**
     * Starts driver and archive and begins a recording.
     *
     * @throws IOException when the folder cannot be made
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("archive");
        memory = Scratch.inMemory();
        driver = ArchivingMediaDriver.launch(
            new MediaDriver.Context()
                .aeronDirectoryName(memory.directory().resolve("driver").toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .spiesSimulateConnection(true)
                .threadingMode(ThreadingMode.SHARED),
            new Archive.Context()
                .archiveDir(scratch.directory().toFile())
                .threadingMode(archiveThreading)
                .recordingEventsEnabled(false)
                .controlChannelEnabled(false)
                .archiveClientContext(localClient())
                .replicationChannel("aeron:udp?endpoint=localhost:0"));
        archive = AeronArchive.connect(
            localClient().aeronDirectoryName(driver.mediaDriver().aeronDirectoryName()));
        publication = archive.addRecordedExclusivePublication(
            new ChannelUriStringBuilder().media(CommonContext.IPC_MEDIA).termLength(TERM_LENGTH).build(), STREAM_ID);
        counters = archive.context().aeron().countersReader();
        recordedCounterId = awaitRecording();
        recordingId = RecordingPos.getRecordingId(counters, recordedCounterId);
        message = new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, ALIGNMENT));
        message.setMemory(0, length, (byte)'x');
    }

    private static AeronArchive.Context localClient() {
        return new AeronArchive.Context()
            .controlRequestChannel(CommonContext.IPC_CHANNEL)
            .controlResponseChannel(CommonContext.IPC_CHANNEL);
    }

    private int awaitRecording() {
        final long deadlineNs = System.nanoTime() + CONNECT_TIMEOUT_NS;
        int counterId = CountersReader.NULL_COUNTER_ID;
        while (counterId == CountersReader.NULL_COUNTER_ID || !publication.isConnected()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the archive does not record within " + CONNECT_TIMEOUT_NS + " ns");
            }
            idleStrategy.idle();
            counterId = RecordingPos.findCounterIdBySession(
                counters, publication.sessionId(), archive.archiveId());
        }
        return counterId;
    }

    /**
     * Ends the recording and removes it.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        CloseHelper.closeAll(publication, archive, driver);
        memory.close();
        scratch.close();
    }

    /**
     * Syncs and gives old segments back, off the clock.
     *
     * @throws IOException when that fails
     */
    @TearDown(Level.Invocation)
    public void keepBounded() throws IOException {
        final long recorded = counters.getCounterValue(recordedCounterId);
        if (recorded - syncedPosition >= PeersBenchmark.SYNC_LENGTH) {
            scratch.sync();
            syncedPosition = recorded;
        }
        final int segmentLength = driver.archive().context().segmentFileLength();
        final long base = AeronArchive.segmentFileBasePosition(
            0, Math.max(0, recorded - KEPT_LENGTH), TERM_LENGTH, segmentLength);
        if (base > purgedPosition) {
            archive.purgeSegments(recordingId, base);
            purgedPosition = base;
        }
    }

    void record(final int recordCount) {
        for (int i = 0; i < recordCount; i++) {
            while (true) {
                final long position = publication.offer(message, 0, length);
                if (position > 0) {
                    break;
                }
                if (position != Publication.BACK_PRESSURED && position != Publication.ADMIN_ACTION) {
                    throw new IllegalStateException(Publication.errorString(position));
                }
                Thread.yield();
            }
        }
        final long end = publication.position();
        idleStrategy.reset();
        while (counters.getCounterValue(recordedCounterId) < end) {
            if (!publication.isConnected()) {
                throw new IllegalStateException("the archive stopped recording; is the disk full?");
            }
            idleStrategy.idle();
        }
    }
}
