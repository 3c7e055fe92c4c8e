package io.millrace.targets.archive;

import io.aeron.CommonContext;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.ArchivingMediaDriver;
import io.aeron.archive.client.AeronArchive;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import org.agrona.concurrent.ShutdownSignalBarrier;

/** The process of media driver and archive; ends on SIGTERM. */
public final class ArchiveMain {
    private ArchiveMain() {
    }

    /**
     * Runs until a signal.
     *
     * @param args directory of the media driver, directory of the recordings, file sync level
     */
    public static void main(final String[] args) {
        final int syncLevel = Integer.parseInt(args[2]);
        try (ShutdownSignalBarrier barrier = new ShutdownSignalBarrier();
            ArchivingMediaDriver driver = ArchivingMediaDriver.launch(
                new MediaDriver.Context().aeronDirectoryName(args[0]).dirDeleteOnStart(true).dirDeleteOnShutdown(true)
                    .termBufferSparseFile(true).performStorageChecks(false).threadingMode(ThreadingMode.SHARED),
                new Archive.Context().aeronDirectoryName(args[0]).archiveDir(Path.of(args[1]).toFile())
                    .threadingMode(ArchiveThreadingMode.SHARED).fileSyncLevel(syncLevel).catalogFileSyncLevel(syncLevel)
                    .recordingEventsEnabled(false).controlChannelEnabled(false)
                    .archiveClientContext(localClient())
                    .replicationChannel("aeron:udp?endpoint=127.0.0.1:0"))) {
            System.out.println("ready " + driver.mediaDriver().aeronDirectoryName());
            barrier.await();
        }
    }

    static AeronArchive.Context localClient() {
        return new AeronArchive.Context().controlRequestChannel(CommonContext.IPC_CHANNEL)
            .controlResponseChannel(CommonContext.IPC_CHANNEL);
    }
}
