package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.Progress;
import io.millrace.load.worker.WorkerServer;
import io.millrace.load.workload.WorkloadException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A process that takes part in runs of another. Main thread, which waits. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = {
        "Take part in runs that 'bench run --workers' begins elsewhere, until Ctrl-C.",
        "There is no authentication: whoever reaches the port can make this process send load. It listens on the "
            + "loopback interface unless another address is named."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {" 2:bad option, or an address that cannot be listened on", "130:ended with Ctrl-C"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench worker --listen 127.0.0.1:9410",
        "  millrace bench run --workers 127.0.0.1:9410,127.0.0.1:9411 --producers 4 \\",
        "    --bootstrap-server 127.0.0.1:9092"})
public final class BenchWorkerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--listen", paramLabel = "H:P", defaultValue = "127.0.0.1:9410",
        description = "Where to listen (default: ${DEFAULT-VALUE}).")
    private String listen;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR", defaultValue = "bench-results/worker",
        description = "Directory for the worker's own results (default: ${DEFAULT-VALUE}).")
    private Path out;

    /** Picocli makes the instance. */
    public BenchWorkerCommand() {
    }

    @Override
    public Integer call() throws InterruptedException {
        final CountDownLatch ended = new CountDownLatch(1);
        try {
            Addresses.check("listen", listen, "127.0.0.1:9410");
            final int colon = listen.lastIndexOf(':');
            final InetSocketAddress address =
                new InetSocketAddress(listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));
            if (address.isUnresolved()) {
                throw new WorkloadException("listen: value=" + listen + " names a host that is not known; name an "
                    + "address of this machine");
            }
            final WorkerServer server = new WorkerServer(address, out, new Progress(System.err, false));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                ended.countDown();
            }, "worker-end"));
            final InetAddress bound = server.address().getAddress();
            spec.commandLine().getOut().println("worker listens on " + server.address()
                + (bound.isLoopbackAddress() ? "" : "; anybody who reaches it can make it send load"));
            spec.commandLine().getOut().flush();
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
        ended.await();
        return ExitCodes.OK;
    }
}
