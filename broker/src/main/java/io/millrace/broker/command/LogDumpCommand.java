package io.millrace.broker.command;

import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.ReadOnlyLogStorage;
import io.millrace.engine.log.SegmentVerifier;
import io.millrace.engine.log.VerifyTotals;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.agrona.DirectBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the frames of log files. Owned by the main thread. */
@Command(
    name = "dump",
    mixinStandardHelpOptions = true,
    description = {
        "Prints the frames of a shard's log, one a line, with what is damaged between them.",
        "Positions are byte addresses in the shard's log; a segment's name is the position of its first frame."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:printed, nothing damaged in what was printed",
        "1:printed, with damage; or a file could not be read",
        "2:nothing was printed: no log there, or a node runs on it"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace log dump node-1/data/shard-0 --from-position 67108864 --max-frames 20",
        "  millrace log dump node-1/data/shard-0 --partition 3 --records",
        "  millrace log dump node-1/data/shard-0/00000000000000000000.log --format json"})
public final class LogDumpCommand implements Callable<Integer> {
    /** How frames are printed. */
    enum Format { TEXT, JSON }

    private static final int SOUND = 0;
    private static final int DAMAGED = 1;
    private static final int STEP_LENGTH = 1024 * 1024;

    @Parameters(paramLabel = "FILE|DIR", description = "A segment file, or a shard's directory.")
    private Path place;

    @Option(names = "--from-position", paramLabel = "P", defaultValue = "0",
        description = "Prints frames from this position on.")
    private long fromPosition;

    @Option(names = "--to-position", paramLabel = "P", description = "Prints frames that begin before this position.")
    private long toPosition = Long.MAX_VALUE;

    @Option(names = "--max-frames", paramLabel = "N", description = "Stops after so many frames.")
    private long maxFrameCount = Long.MAX_VALUE;

    @Option(names = "--partition", paramLabel = "ID",
        description = "Prints only batches of the partition with this id within the shard.")
    private Integer partitionId;

    @Option(names = "--records", description = "Prints each record's offset, time and lengths of key and value too.")
    private boolean isWithRecords;

    @Option(names = "--format", defaultValue = "text",
        description = "text, or json: one object a line (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--live", description = "Looks beside a running node; the last frames may be half written.")
    private boolean isLive;

    @Spec
    private CommandSpec spec;

    private FramePrinter printer;
    private String file;
    private long printedCount;
    private boolean isThrough;
    private boolean isDamaged;

    /** Picocli makes the instance. */
    public LogDumpCommand() {
    }

    @Override
    public Integer call() throws IOException {
        printer = new FramePrinter(spec.commandLine().getOut(), format == Format.JSON, isWithRecords);
        final Path directory = Files.isDirectory(place) ? place : place.toAbsolutePath().getParent();
        if (!Files.exists(place)) {
            throw new ParameterException(spec.commandLine(), "no such file or directory: " + place);
        }
        try (LogFolders folders = new LogFolders(spec.commandLine())) {
            final List<String> names;
            if (Files.isDirectory(place)) {
                folders.add(place);
                if (folders.shards().size() > 1) {
                    throw new ParameterException(spec.commandLine(), "name one shard of them: " + folders.shards());
                }
                names = segments(folders.shards().get(0));
            } else {
                folders.shards().add(directory);
                names = List.of(place.getFileName().toString());
            }
            if (!isLive) {
                folders.lock();
            }
            dump(new ReadOnlyLogStorage(folders.shards().get(0)), names);
        } finally {
            spec.commandLine().getOut().flush();
        }
        return isDamaged ? DAMAGED : SOUND;
    }

    private static List<String> segments(final Path directory) throws IOException {
        return new ReadOnlyLogStorage(directory).list().stream()
            .filter(name -> SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX) >= 0).toList();
    }

    private void dump(final ReadOnlyLogStorage storage, final List<String> names) throws IOException {
        final SegmentVerifier verifier = new SegmentVerifier(ShardState::new, new VerifyTotals(), finding -> {
            if (!isThrough && finding.position() >= fromPosition && finding.position() < toPosition) {
                isDamaged = true;
                printer.onFinding(finding);
            }
        }).frameListener(this::onFrame);
        final List<String> all = new ArrayList<>(storage.list());
        all.removeIf(name -> SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX) < 0);
        for (int i = 0; i < names.size() && !isThrough; i++) {
            file = names.get(i);
            final long base = base(file);
            final String next = all.stream().filter(name -> base(name) > base).findFirst().orElse(null);
            final boolean isLast = next == null || file.endsWith(SegmentNames.QUARANTINED_SUFFIX);
            if (isLast || base(next) > fromPosition) {
                dump(storage, verifier, base, isLast ? -1 : base(next));
            }
        }
    }

    private void dump(
        final ReadOnlyLogStorage storage, final SegmentVerifier verifier, final long base, final long end)
        throws IOException {
        printer.onFile(file);
        try (LogFile segment = storage.open(file, false)) {
            verifier.forgetBefore();
            if (end < 0) {
                verifier.beginLast(segment, file, base, Long.MAX_VALUE);
            } else {
                verifier.beginSealed(segment, base, end);
            }
            while (!verifier.isDone() && !isThrough) {
                verifier.step(STEP_LENGTH);
            }
            if (end < 0 && !isThrough) {
                printer.onEnd(verifier.endPosition(), verifier.tail());
            }
        }
    }

    private long base(final String name) {
        final String plain = name.endsWith(SegmentNames.QUARANTINED_SUFFIX)
            ? name.substring(0, name.length() - SegmentNames.QUARANTINED_SUFFIX.length()) : name;
        final long base = SegmentNames.basePosition(plain, SegmentNames.LOG_SUFFIX);
        if (base < 0) {
            throw new ParameterException(spec.commandLine(), "not a segment file: " + name
                + "; its name must be the 20 digits of its base position and .log");
        }
        return base;
    }

    private void onFrame(final DirectBuffer buffer, final int index, final long position) {
        isThrough |= position >= toPosition || printedCount >= maxFrameCount;
        final boolean isWanted = partitionId == null
            || FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH
            && FrameDescriptor.partitionId(buffer, index) == partitionId;
        if (!isThrough && position >= fromPosition && isWanted) {
            printedCount++;
            printer.onFrame(file, buffer, index, position);
            isThrough = printedCount >= maxFrameCount;
        }
    }
}
