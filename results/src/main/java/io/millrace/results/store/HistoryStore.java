package io.millrace.results.store;

import io.millrace.results.model.HistoryPoint;
import io.millrace.results.model.ResultsException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A history file: a JSON object a line, only ever appended to, so that it merges well under version control. */
public final class HistoryStore {
    private static final long MAX_FILE_LENGTH = 256L << 20;

    private HistoryStore() {
    }

    /**
     * Reads everything.
     *
     * @param file     history
     * @param problems receives a sentence for each line that is damaged or of another schema
     * @return by time
     * @throws ResultsException if the file is missing, too long or cannot be read
     */
    public static List<HistoryPoint> read(final Path file, final List<String> problems) {
        final List<HistoryPoint> points = new ArrayList<>();
        try {
            if (!Files.isRegularFile(file)) {
                throw new ResultsException(file + (Files.exists(file) ? " is no file" : " does not exist")
                    + "; name a history file, or begin one with millrace history add");
            }
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw new ResultsException(file + ": length=" + Files.size(file) + " is more than a history can have ("
                    + MAX_FILE_LENGTH + " bytes); begin a new one");
            }
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(Files.newInputStream(file),
                StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)))) {
                int number = 0;
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    number++;
                    final HistoryPoint point = line.isBlank() ? null : point(line);
                    if (point != null) {
                        points.add(point);
                    } else if (!line.isBlank()) {
                        problems.add(file + ", line " + number + ": damaged or of another schema, left out");
                    }
                }
            }
        } catch (final IOException ex) {
            throw new ResultsException("cannot read " + file + ": " + ex + "; check that it may be read and is text",
                ex);
        }
        points.sort(Comparator.comparing(HistoryPoint::time));
        return points;
    }

    /** {@return true if its last line has no end: whoever wrote it was ended} */
    private static boolean isCut(final Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            final ByteBuffer last = ByteBuffer.allocate(1);
            return channel.size() > 0 && channel.position(channel.size() - 1).read(last) == 1 && last.get(0) != '\n';
        } catch (final IOException ex) {
            throw new ResultsException("cannot read " + file + ": " + ex + "; check permissions", ex);
        }
    }

    private static HistoryPoint point(final String line) {
        try {
            final HistoryPoint point = Json.fromLine(line, HistoryPoint.class);
            return HistoryPoint.SCHEMA.equals(point.schema()) && point.series() != null && point.time() != null
                ? point : null;
        } catch (final IOException ex) {
            return null;
        }
    }

    /**
     * Appends.
     *
     * @param file   history, created with its directories if absent
     * @param points new ones
     * @throws ResultsException if it cannot be written
     */
    public static void append(final Path file, final List<HistoryPoint> points) {
        final StringBuilder lines = new StringBuilder();
        if (isCut(file)) {
            lines.append('\n'); // else the first new line would be lost with the one that was cut off
        }
        points.forEach(point -> lines.append(Json.line(point)).append('\n'));
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            Files.writeString(file, lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        } catch (final IOException ex) {
            throw new ResultsException("cannot write " + file + ": " + ex + "; check free space and permissions", ex);
        }
    }
}
