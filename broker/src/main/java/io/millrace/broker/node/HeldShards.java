package io.millrace.broker.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The shards of which this node has ever held records, so that it notices when a folder is gone: a node that counts as
 * in sync must not offer an empty log for election. Owned by the maintenance thread.
 *
 * <p>One id a line in {@code held-shards}. A line is written once there is something in the log; a crash just before
 * leaves a shard unguarded, not a wrong alarm.
 */
final class HeldShards {
    static final String FILE_NAME = "held-shards";

    private final Path file;
    private final Set<Integer> shardIds = new HashSet<>();

    private HeldShards(final Path file) {
        this.file = file;
    }

    /** Reads the file, which may be missing. */
    static HeldShards load(final Path dataDirectory) throws IOException {
        final HeldShards held = new HeldShards(dataDirectory.resolve(FILE_NAME));
        if (Files.exists(held.file)) {
            final String text = Files.readString(held.file, StandardCharsets.ISO_8859_1);
            // a last line without its end was cut off by a crash, or says nothing yet
            for (final String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                try {
                    held.shardIds.add(Integer.parseInt(line.trim()));
                } catch (final NumberFormatException ex) {
                    throw new IOException(held.file + " has the line '" + line + "', which is no shard id; remove it",
                        ex);
                }
            }
        }
        return held;
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
