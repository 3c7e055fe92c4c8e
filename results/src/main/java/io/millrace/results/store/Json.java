package io.millrace.results.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.millrace.results.model.ResultsException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;

/** JSON documents on disk. Fields of later versions are read over; another schema is refused. */
final class Json {
    static final long MAX_DOCUMENT_LENGTH = 64L << 20;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .addModule(new SimpleModule()
            .addSerializer(Instant.class, new InstantWriter())
            .addDeserializer(Instant.class, new InstantReader()))
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .build();

    private Json() {
    }

    static String line(final Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (final JacksonException ex) {
            throw new ResultsException("cannot be written as JSON: " + value.getClass().getSimpleName(), ex);
        }
    }

    static <T> T fromLine(final String line, final Class<T> type) throws IOException {
        return MAPPER.readValue(line, type);
    }

    /** Replaces a file: readers see the old document or the new one, also after a power cut. */
    static void replace(final Path file, final Object value) {
        final Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.write(temporary, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
                directory.force(true);
            }
        } catch (final IOException ex) {
            throw new ResultsException("cannot write " + file + ": " + ex + "; check free space and permissions", ex);
        }
    }

    /** Reads a document with a {@code schema} field that must have the given value; null: any. */
    static <T> T read(final Path file, final Class<T> type, final String schema) {
        final JsonNode tree = tree(file);
        if (schema != null) {
            final String found = tree.path("schema").asText("");
            if (!schema.equals(found)) {
                throw new ResultsException(file + ": schema=" + (found.isEmpty() ? "(none)" : found)
                    + " but this version reads " + schema + "; use the version of millrace that wrote it");
            }
        }
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (final JacksonException ex) {
            throw new ResultsException(file + ": a field does not fit the schema: " + ex.getOriginalMessage()
                + "; restore the file or leave this directory out", ex);
        }
    }

    /** Reads a document that is an array; what its elements are is for the caller to check. */
    static JsonNode array(final Path file) {
        final JsonNode tree = bounded(file);
        if (!tree.isArray()) {
            throw new ResultsException(file + ": damaged: not a JSON array; restore the file or leave this "
                + "directory out");
        }
        return tree;
    }

    private static JsonNode tree(final Path file) {
        final JsonNode tree = bounded(file);
        if (!tree.isObject()) {
            throw new ResultsException(file + ": damaged: not a JSON object; restore the file or leave this "
                + "directory out");
        }
        return tree;
    }

    private static JsonNode bounded(final Path file) {
        try {
            final long length = Files.size(file);
            if (length > MAX_DOCUMENT_LENGTH) {
                throw new ResultsException(file + ": length=" + length + " is more than a result document can have ("
                    + MAX_DOCUMENT_LENGTH + " bytes); is it the right file?");
            }
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (final JacksonException ex) {
            throw new ResultsException(file + ": damaged JSON at line " + ex.getLocation().getLineNr() + ", column "
                + ex.getLocation().getColumnNr() + "; restore the file or leave this directory out", ex);
        } catch (final IOException ex) {
            throw new ResultsException("cannot read " + file + ": " + ex + "; check that it exists and may be read",
                ex);
        }
    }

    /** Writes a time as ISO 8601 in UTC. */
    private static final class InstantWriter extends StdSerializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(final Instant value, final JsonGenerator out, final SerializerProvider provider)
            throws IOException {
            out.writeString(value.toString());
        }
    }

    /** Reads a time in ISO 8601. */
    private static final class InstantReader extends StdDeserializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(final JsonParser parser, final DeserializationContext context) throws IOException {
            final String text = parser.getText();
            try {
                return Instant.parse(text);
            } catch (final DateTimeException ex) {
                throw context.weirdStringException(text, Instant.class, "not a time like 2026-01-31T12:00:00Z");
            }
        }
    }
}
