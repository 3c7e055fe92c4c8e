package io.millrace.load.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a HotSpot JVM tells of its garbage collection in the statistics file it keeps for tools like jstat: so the
 * pauses of a broker are known without asking it anything. No state.
 */
final class JvmPerfData {
    private static final int MAGIC = 0xcafec0c0;
    private static final int HEADER_LENGTH = 32;
    private static final int ENTRY_HEADER_LENGTH = 20;
    private static final long MAX_LENGTH = 1 << 20;
    private static final double NS_PER_S = 1e9;
    private static final String FREQUENCY = "sun.os.hrt.frequency";
    private static final Pattern COUNT = Pattern.compile("sun\\.gc\\.collector\\.[0-9]+\\.invocations");
    private static final Pattern TICKS = Pattern.compile("sun\\.gc\\.collector\\.[0-9]+\\.time");

    private JvmPerfData() {
    }

    /**
     * Collections of a JVM so far.
     *
     * @param count   of them
     * @param pauseNs in all
     */
    record Collections(long count, long pauseNs) {
    }

    /**
     * {@return what a process has collected so far, null if it is no JVM that tells}
     *
     * @param directory of the files of all users, the temporary one
     * @param processId of the JVM
     */
    static Collections read(final Path directory, final long processId) {
        try (DirectoryStream<Path> users = Files.newDirectoryStream(directory, "hsperfdata_*")) {
            for (final Path user : users) {
                final Path file = user.resolve(Long.toString(processId));
                if (Files.isReadable(file) && Files.size(file) <= MAX_LENGTH) {
                    return parse(ByteBuffer.wrap(Files.readAllBytes(file)));
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return null; // not there, or gone, or of a version that is not known
        }
        return null;
    }

    /** {@return what a file says; null if it is none} */
    static Collections parse(final ByteBuffer file) {
        if (file.limit() < HEADER_LENGTH || file.getInt(0) != MAGIC) {
            return null;
        }
        file.order(file.get(4) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        final Map<String, Long> values = new HashMap<>();
        int entry = file.getInt(24);
        for (int i = file.getInt(28); i > 0 && entry + ENTRY_HEADER_LENGTH <= file.limit(); i--) {
            final int length = file.getInt(entry);
            if (length < ENTRY_HEADER_LENGTH || entry > file.limit() - length) {
                return null;
            }
            if (file.get(entry + 12) == 'J' && file.getInt(entry + 8) == 0) { // one long, no array
                values.put(name(file, entry + file.getInt(entry + 4), entry + length),
                    file.getLong(entry + file.getInt(entry + 16)));
            }
            entry += length;
        }
        final Long frequency = values.get(FREQUENCY);
        if (frequency == null || frequency <= 0) {
            return null;
        }
        final long ticks = sum(values, TICKS);
        return new Collections(sum(values, COUNT), Math.round(ticks * (NS_PER_S / frequency)));
    }

    private static long sum(final Map<String, Long> values, final Pattern names) {
        return values.entrySet().stream().filter(entry -> names.matcher(entry.getKey()).matches())
            .mapToLong(Map.Entry::getValue).sum();
    }

    private static String name(final ByteBuffer file, final int start, final int limit) {
        int end = start;
        while (end < limit && file.get(end) != 0) {
            end++;
        }
        final byte[] bytes = new byte[end - start];
        file.get(start, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
