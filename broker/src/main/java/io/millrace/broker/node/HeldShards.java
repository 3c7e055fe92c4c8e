package io.millrace.broker.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The shards of which this node has ever held records, so that it notices when a folder is gone: a node that counts as
 * in sync must not offer an empty log for election. Owned by the maintenance thread.
 *
 * <p>One id a line in {@code held-shards}. A line is written once there is something in the log; a crash just before
 * leaves a shard unguarded, not a wrong alarm. Those whose log lacks something stand in {@code lacking-shards} from
 * then on until a leader has brought them up to date, over any number of starts: half a log looks as whole as all of
 * it.
 */
final class HeldShards {
    static final String FILE_NAME = "held-shards";
    static final String LACKING_FILE_NAME = "lacking-shards";

    private final Path file;
    private final Set<Integer> shardIds = new HashSet<>();
    private final Set<Integer> lacking = new TreeSet<>();

    private HeldShards(final Path file) {
        this.file = file;
    }

    /** Reads the file, which may be missing. */
    static HeldShards load(final Path dataDirectory) throws IOException {
        final HeldShards held = new HeldShards(dataDirectory.resolve(FILE_NAME));
        read(held.file, held.shardIds);
        read(dataDirectory.resolve(LACKING_FILE_NAME), held.lacking);
        return held;
    }

    private static void read(final Path file, final Set<Integer> target) throws IOException {
        if (Files.exists(file)) {
            final String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            // a last line without its end was cut off by a crash, or says nothing yet
            for (final String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                try {
                    target.add(Integer.parseInt(line.trim()));
                } catch (final NumberFormatException ex) {
                    throw new IOException(file + " has the line '" + line + "', which is no shard id; remove it", ex);
                }
            }
        }
    }

    /** {@return whether a shard's log lacks something that it once held} */
    boolean isLacking(final int shardId) {
        return lacking.contains(shardId);
    }

    /** Notes whether a shard's log lacks something that it once held. */
    void lacking(final int shardId, final boolean isLacking) throws IOException {
        if (isLacking ? lacking.add(shardId) : lacking.remove(shardId)) {
            DataDirectory.writeDurably(file.getParent(), LACKING_FILE_NAME,
                lacking.stream().map((id) -> id + "\n").collect(Collectors.joining()));
        }
    }

    boolean contains(final int shardId) {
        return shardIds.contains(shardId);
    }

    /** Notes a shard, if it is not noted. */
    void add(final int shardId) throws IOException {
        if (shardIds.contains(shardId)) {
            return;
        }
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            final int kept = Files.readString(file, StandardCharsets.ISO_8859_1).lastIndexOf('\n') + 1;
            out.setLength(kept); // what a crash cut off
            out.seek(kept);
            out.write((shardId + "\n").getBytes(StandardCharsets.ISO_8859_1));
            out.getFD().sync();
        }
        shardIds.add(shardId);
    }
}
