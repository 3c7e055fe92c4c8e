package io.millrace.load.run;

import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.workload.FaultStep;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hits processes and the network between them, and proves that they were hit. Owned by the fault thread, but for
 * {@link #healAll}, which comes after its end.
 */
final class FaultTools {
    private static final long PROOF_NS = 30_000_000_000L;
    private static final long POLL_NS = 2_000_000L;
    private static final long COMMAND_TIMEOUT_S = 20;
    /** Places in /proc/PID/stat behind the name. */
    private static final int THREADS_FIELD = 17;
    private static final int START_FIELD = 19;
    private static final Pattern PACKETS = Pattern.compile("packets ([0-9]+)");
    private static final List<String> NFT = List.of("/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft");

    private final RunningTarget system;
    private final String table = "millrace_bench_" + ProcessHandle.current().pid();
    private Victim last;
    // The run's thread heals, too, when the fault thread does not end in time.
    private volatile long pausedPid;
    private volatile boolean isCut;

    FaultTools(final RunningTarget system) {
        this.system = system;
    }

    /**
     * A node to hit.
     *
     * @param nodeId  its id
     * @param role    in words
     * @param address it listens on
     * @param pid     of its process
     */
    record Victim(int nodeId, String role, InetSocketAddress address, long pid) {
        String words() {
            return "node " + nodeId + role + ", process " + pid;
        }
    }

    /** Refuses a partition where the network cannot be cut. */
    static void requireNetworkTool(final FaultStep step, final RunningTarget system) {
        if (system != null && system.peerPorts(1).isEmpty()) {
            throw new RunRefusedException(ExitCodes.USAGE, "faults: \"" + step.word() + "\": this tool does not know "
                + "which ports the nodes of this system (" + system.description() + ") meet through; pause the node "
                + "instead");
        }
        if (system == null) {
            throw new RunRefusedException(ExitCodes.USAGE, "faults: \"" + step.word() + "\" needs a cluster that was "
                + "started for the run and whose ports are known; leave --bootstrap-server out");
        }
        if (nft() == null || !isRoot()) {
            throw new RunRefusedException(ExitCodes.USAGE, "faults: \"" + step.word() + "\" needs nft (Debian: "
                + "nftables) and root to cut the network; pause the node instead, or run as root");
        }
    }

    Victim victim(final String target, final TopicAdmin.ClusterNodes nodes) {
        final int nodeId;
        String role = "";
        switch (target) {
            case "leader" -> {
                nodeId = nodes.leaderId();
                role = " (leader of partition 0)";
            }
            case "controller" -> {
                nodeId = system == null ? nodes.controllerId() : system.controllerId(nodes);
                role = " (controller)";
            }
            case "follower" -> {
                nodeId = nodes.replicaIds().stream().filter(id -> id != nodes.leaderId()).findFirst().orElse(-1);
                role = " (follower of partition 0)";
            }
            default -> nodeId = Integer.parseInt(target.substring("node-".length()));
        }
        final InetSocketAddress address = nodes.addresses().get(nodeId);
        if (address == null) {
            throw new IllegalStateException("there is no " + target + " to be seen: nodes are "
                + nodes.addresses().keySet());
        }
        final LocalBrokers.Found found = LocalBrokers.find(List.of(address), ProcFiles.ofThisMachine());
        if (found.processIds().size() != 1) {
            throw new IllegalStateException("the process of node " + nodeId + " at " + address
                + " cannot be told: " + (found.problem() == null ? found.processIds() : found.problem()));
        }
        return new Victim(nodeId, role, address, found.processIds().get(0));
    }

    /**
     * Does it, and waits out a pause or partition.
     *
     * @param step    what
     * @param victim  whom; null for a restart
     * @param goingOn false once the run is over
     * @return what proves that it happened; throws if nothing does
     */
    String apply(final FaultStep step, final Victim victim, final BooleanSupplier goingOn) {
        return switch (step.action()) {
            case KILL -> end(victim, "KILL");
            case TERM -> end(victim, "TERM");
            case PAUSE -> pause(victim, step.durationNs(), goingOn);
            case PARTITION -> cut(victim, step.durationNs(), goingOn);
            default -> restart();
        };
    }

    /** Lets everything go on that was stopped; a process that has ended meanwhile needs nothing. */
    void healAll() {
        final long pid = pausedPid;
        pausedPid = 0;
        if (pid != 0) {
            try {
                signal(pid, "CONT");
            } catch (final IllegalStateException ex) {
                if (!startOf(pid).isEmpty()) {
                    pausedPid = pid; // to be tried again
                    throw ex;
                }
            }
        }
        if (isCut) {
            command(List.of(nft(), "delete", "table", "inet", table));
            isCut = false;
        }
    }

    private String end(final Victim victim, final String signal) {
        last = victim;
        final String before = startOf(victim.pid());
        signal(victim.pid(), signal);
        await("process " + victim.pid() + " to end", () -> !startOf(victim.pid()).equals(before));
        return "process " + victim.pid() + " ended";
    }

    private String pause(final Victim victim, final long durationNs, final BooleanSupplier goingOn) {
        final long endNs = System.nanoTime() + durationNs;
        pausedPid = victim.pid();
        try {
            signal(victim.pid(), "STOP");
            await("process " + victim.pid() + " to stand still", () -> "T".equals(stateOf(victim.pid())));
            waitUntil(endNs, goingOn);
        } finally {
            healAll();
        }
        if (startOf(victim.pid()).isEmpty()) {
            throw new IllegalStateException("process " + victim.pid() + " ended while it was paused");
        }
        await("process " + victim.pid() + " to go on", () -> !"T".equals(stateOf(victim.pid())));
        return "process " + victim.pid() + " was seen stopped, and going on";
    }

    private String restart() {
        system.startNodes();
        if (last == null) {
            return "every node runs";
        }
        final LocalBrokers.Found found = LocalBrokers.find(List.of(last.address()), ProcFiles.ofThisMachine());
        if (found.processIds().isEmpty() || found.processIds().contains(last.pid())) {
            throw new IllegalStateException("node " + last.nodeId() + " was not started again: " + found.problem());
        }
        return "node " + last.nodeId() + " is process " + found.processIds().get(0) + " now";
    }

    private String cut(final Victim victim, final long durationNs, final BooleanSupplier goingOn) {
        final long endNs = System.nanoTime() + durationNs;
        final StringBuilder rules = new StringBuilder("table inet " + table
            + " {\n chain input {\n  type filter hook input priority 0;\n");
        for (final String ports : system.peerPorts(victim.address().getPort())) {
            rules.append("  iif lo ").append(ports.replace(" ", " dport ")).append(" counter drop\n");
        }
        final Path file;
        try {
            file = Files.createTempFile("millrace-bench", ".nft");
            Files.writeString(file, rules.append(" }\n}\n"));
            command(List.of(nft(), "-f", file.toString()));
            isCut = true;
            waitUntil(endNs, goingOn);
            final long dropped = packets(command(List.of(nft(), "list", "table", "inet", table)));
            Files.deleteIfExists(file);
            if (dropped == 0) {
                throw new IllegalStateException("no packet for node " + victim.nodeId() + " was dropped");
            }
            return dropped + " packets of other nodes for node " + victim.nodeId() + " were dropped";
        } catch (final IOException ex) {
            throw new IllegalStateException("the rules of the network cannot be written: " + ex, ex);
        } finally {
            healAll();
        }
    }

    private static long packets(final String listing) {
        long count = 0;
        final Matcher matcher = PACKETS.matcher(listing);
        while (matcher.find()) {
            count += Long.parseLong(matcher.group(1));
        }
        return count;
    }

    private static void waitUntil(final long endNs, final BooleanSupplier goingOn) {
        while (goingOn.getAsBoolean() && System.nanoTime() - endNs < 0) {
            LockSupport.parkNanos(Math.min(POLL_NS, Math.max(1, endNs - System.nanoTime())));
        }
    }

    private static void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + PROOF_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("waited " + TimeUnit.NANOSECONDS.toSeconds(PROOF_NS) + " s in vain for "
                    + what);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static void signal(final long pid, final String name) {
        command(List.of("kill", "-" + name, String.valueOf(pid)));
    }

    /**
     * {@return when a process began, in clock ticks; empty if it is gone or only waits to be buried, which begins with
     * its last thread: until then it keeps its ports}
     */
    private static String startOf(final long pid) {
        final String[] fields = stat(pid);
        final boolean isGone = fields == null || "X".equals(fields[0])
            || "Z".equals(fields[0]) && Integer.parseInt(fields[THREADS_FIELD]) <= 1;
        return isGone ? "" : fields[START_FIELD];
    }

    private static String stateOf(final long pid) {
        final String[] fields = stat(pid);
        return fields == null ? "" : fields[0];
    }

    private static String[] stat(final long pid) {
        try {
            final String text = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"),
                StandardCharsets.ISO_8859_1);
            return text.substring(text.lastIndexOf(')') + 2).split(" ");
        } catch (final IOException ex) {
            return null;
        }
    }

    private static String nft() {
        return NFT.stream().filter(path -> Files.isExecutable(Path.of(path))).findFirst().orElse(null);
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static String command(final List<String> words) {
        try {
            final Process process = new ProcessBuilder(new ArrayList<>(words)).redirectErrorStream(true).start();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroy();
                throw new IllegalStateException(String.join(" ", words) + " failed: " + output.strip());
            }
            return output;
        } catch (final IOException ex) {
            throw new IllegalStateException(words.get(0) + " cannot be run: " + ex.getMessage(), ex);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + words.get(0), ex);
        }
    }
}
