package io.millrace.targets.archive;

import io.aeron.Aeron;
import io.aeron.archive.client.AeronArchive;
import io.aeron.exceptions.AeronException;
import io.millrace.targets.wire.Wire;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/** A client of driver and archive; owned by the thread that opened it, or that it was handed to. */
final class ArchiveLink implements AutoCloseable {
    private final Aeron aeron;
    private final AeronArchive archive;

    private ArchiveLink(final Aeron aeron, final AeronArchive archive) {
        this.aeron = aeron;
        this.archive = archive;
    }

    static ArchiveLink connect(final String aeronDir) {
        Aeron aeron = null;
        try {
            aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(aeronDir)
                .idleStrategy(new SleepingMillisIdleStrategy(1))
                .errorHandler(ex -> { })); // what fails is told to whoever calls next
            return new ArchiveLink(aeron, AeronArchive.connect(ArchiveMain.localClient().aeron(aeron)));
        } catch (final RuntimeException ex) {
            CloseHelper.quietClose(aeron);
            throw lost(ex);
        }
    }

    Aeron aeron() {
        return aeron;
    }

    AeronArchive archive() {
        return archive;
    }

    static RuntimeException lost(final RuntimeException ex) {
        return ex instanceof AeronException || ex instanceof IllegalStateException
            ? new Wire.WireException("aeron archive: " + ex.getMessage(), ex) : ex;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(archive, aeron);
    }
}
