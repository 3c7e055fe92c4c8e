package io.millrace.results.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads "5%" and "0.05". */
final class ShareConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(final String value) {
        final String text = value.strip();
        try {
            return text.endsWith("%") ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
                : Double.parseDouble(text);
        } catch (final NumberFormatException ex) {
            throw new TypeConversionException("'" + value + "' is no share; write 5% or 0.05");
        }
    }
}
