package io.millrace.broker.command;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.node.BrokerNode;
import io.millrace.broker.node.NodeLog;
import io.millrace.broker.node.NodeStartException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one node until it is told to stop. Owned by the main thread. */
@Command(
    name = "broker",
    mixinStandardHelpOptions = true,
    description = "Runs one node from a properties file until SIGTERM or Ctrl-C.",
    footerHeading = "%nExit codes:%n",
    footer = {
        "  0    stopped in order",
        "  1    could not start, or failed; the last lines of the log say why",
        "  2    the configuration cannot be used",
        "  75   paused for too long by the system; start it again, nothing is lost",
        "",
        "Example, a node of its own:",
        "  printf 'node.id=1\\nlog.dirs=/var/tmp/millrace\\n' > node.properties",
        "  millrace broker node.properties",
    })
public final class BrokerCommand implements Callable<Integer> {
    private static final int EXIT_USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The node's properties file.")
    private Path file;

    @Option(names = "--list-keys", description = "Prints every key with its default and meaning, then ends.")
    private boolean listKeys;

    /** Picocli makes the instance. */
    public BrokerCommand() {
    }

    @Override
    public Integer call() throws Exception {
        if (listKeys) {
            spec.commandLine().getOut().print(ConfigKeys.toMarkdown());
            spec.commandLine().getOut().flush();
            return 0;
        }
        if (file == null) {
            throw new ParameterException(spec.commandLine(), "Which properties file? (all keys: --list-keys)");
        }
        // the file descriptor itself: standard output stays usable while the process ends
        final NodeLog log = new NodeLog(
            new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        final BrokerNode node;
        try {
            node = BrokerNode.start(BrokerConfig.load(file), log);
        } catch (final ConfigException ex) {
            spec.commandLine().getErr().println("millrace: " + file + ": " + ex.getMessage());
            return EXIT_USAGE;
        } catch (final NodeStartException ex) {
            spec.commandLine().getErr().println("millrace: the node cannot start: " + ex.getMessage());
            return BrokerNode.EXIT_FAILED;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.close();
            Runtime.getRuntime().halt(node.ended().getNow(0)); // SIGTERM is an orderly stop, not the failure 143
        }, "shutdown"));
        return node.ended().get();
    }
}
