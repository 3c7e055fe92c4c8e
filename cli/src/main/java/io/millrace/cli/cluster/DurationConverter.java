package io.millrace.cli.cluster;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 30s} and {@code 2m}. */
final class DurationConverter implements ITypeConverter<Duration> {
    private static final int LARGEST_DIGITS = 9;

    @Override
    public Duration convert(final String text) {
        final String number = text.replaceAll("(ms|s|m)$", "");
        if (number.isEmpty() || number.length() > LARGEST_DIGITS || !number.chars().allMatch(Character::isDigit)) {
            throw new TypeConversionException("'" + text + "' is not a duration such as 500ms, 30s or 2m");
        }
        final long value = Long.parseLong(number);
        return switch (text.substring(number.length())) {
            case "ms" -> Duration.ofMillis(value);
            case "s" -> Duration.ofSeconds(value);
            case "m" -> Duration.ofMinutes(value);
            default -> throw new TypeConversionException("'" + text + "' has no unit; write 500ms, 30s or 2m");
        };
    }
}
