package io.millrace.jmh;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.ProfilersFailedException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.util.UnCloseablePrintStream;
import org.openjdk.jmh.util.Utils;

/**
 * JMH's main class, no more; but when the environment names a file in {@value #RESULT_VARIABLE}, JMH's JSON is written
 * there beside whatever {@code -rf} and {@code -rff} ask for: after every benchmark, and on Ctrl-C with the iterations
 * so far. An environment variable, because JMH hands the flags of this process on to its forks. The main thread's.
 */
public final class RecordingMain {
    /** Names the environment variable with the result file's path. */
    public static final String RESULT_VARIABLE = "MILLRACE_JMH_RESULT";

    private RecordingMain() {
    }

    /**
     * Runs JMH.
     *
     * @param args JMH's command line
     * @throws IOException when JMH cannot print its help
     */
    public static void main(final String[] args) throws IOException {
        final String resultFile = System.getenv(RESULT_VARIABLE);
        final CommandLineOptions options = resultFile == null || resultFile.isEmpty() ? null : parsed(args);
        if (options == null || isListing(options)) {
            Main.main(args);
            return;
        }
        final PartialResults results = new PartialResults(Path.of(resultFile).toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(new Thread(results::writeWhatThereIs, "jmh-partial-results"));
        try {
            final Collection<RunResult> run =
                new Runner(options, new RecordingFormat(format(options), results)).run();
            results.writeAll(run);
            final List<String> failed = results.failed(run);
            if (!failed.isEmpty() || run.isEmpty()) { // a fork that does not start begins nothing
                failed.forEach(name -> System.err.println("FAILED, see above: " + name));
                System.exit(1);
            }
        } catch (final NoBenchmarksException ex) {
            System.err.println("No matching benchmarks; -l lists them.");
            System.exit(1);
        } catch (final ProfilersFailedException ex) {
            print(ex);
            System.exit(1);
        } catch (final RunnerException ex) {
            System.err.print("ERROR: ");
            ex.printStackTrace(System.err);
            System.exit(1);
        }
    }

    /** {@return null for a command line that JMH's own main class will complain about} */
    private static CommandLineOptions parsed(final String[] args) {
        try {
            return new CommandLineOptions(args);
        } catch (final CommandLineOptionException ex) {
            return null;
        }
    }

    private static boolean isListing(final CommandLineOptions options) {
        return options.shouldHelp() || options.shouldList() || options.shouldListWithParams()
            || options.shouldListProfilers() || options.shouldListResultFormats();
    }

    /** As JMH's Runner makes it, which does not let itself be asked. */
    private static OutputFormat format(final Options options) throws IOException {
        final PrintStream out;
        if (options.getOutput().hasValue()) {
            try {
                out = new PrintStream(options.getOutput().get(), Utils.guessConsoleEncoding());
            } catch (final FileNotFoundException ex) {
                throw new IOException("-o: cannot write " + options.getOutput().get() + "; name another file", ex);
            }
        } else {
            out = new UnCloseablePrintStream(System.out, Utils.guessConsoleEncoding());
        }
        return OutputFormatFactory.createFormatInstance(out, options.verbosity().orElse(Defaults.VERBOSITY));
    }

    private static void print(final Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            System.err.println(each.getMessage());
            for (final Throwable suppressed : each.getSuppressed()) {
                System.err.println(suppressed.getMessage());
            }
        }
    }
}
