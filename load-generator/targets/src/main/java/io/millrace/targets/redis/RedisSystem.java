package io.millrace.targets.redis;

import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.Ports;
import io.millrace.targets.process.Programs;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.process.ServerProcess;
import io.millrace.targets.process.ServerTarget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Redis Streams: one redis-server of this machine with an append-only file. Set-up thread. */
public final class RedisSystem implements TargetSystem {
    private static final int FIRST_PORT = 21379;
    private static final long READY_TIMEOUT_S = 30;

    /** Found by {@link java.util.ServiceLoader}. */
    public RedisSystem() {
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public String summary() {
        return "Redis Streams: one redis-server of this machine, append-only file synced once a second, no replica";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final Path server = Programs.require("redis-server", "redis-server");
        final String version = version(Programs.firstLine(server.toString(), "--version"));
        final int port = Ports.freeBase(options.basePort(), FIRST_PORT, 1);
        final Map<String, String> settings = new LinkedHashMap<>();
        settings.put("appendonly", "yes");
        settings.put("appendfsync", "everysec");
        settings.put("save", "");
        settings.putAll(options.settings());
        final RunDirectory directory = RunDirectory.open(options.dataDir(), name());
        final List<String> command = new ArrayList<>(List.of(server.toString(), "--bind", "127.0.0.1", "--port",
            String.valueOf(port), "--dir", directory.path().toString(), "--daemonize", "no"));
        settings.forEach((key, value) -> command.addAll(List.of("--" + key, value)));
        progress.accept("starting Redis " + version + " on 127.0.0.1:" + port);
        final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return ServerTarget.start(about(version, settings, "127.0.0.1:" + port), directory,
            List.of(new ServerTarget.Node(
                () -> ServerProcess.start("redis", command, Map.of(), directory.path()),
                () -> Ports.isListening(port))),
            clock -> new RedisBackend(address, clock), READY_TIMEOUT_S, options.isStopped());
    }

    private static ServerTarget.About about(
        final String version, final Map<String, String> settings, final String bootstrap) {
        final boolean isAppending = "yes".equals(settings.get("appendonly"));
        final String sync = !isAppending ? "none: no append-only file" : switch (settings.get("appendfsync")) {
            case "always" -> "before every answer (appendfsync always), one sync for all commands of a turn";
            case "no" -> "left to the operating system (appendfsync no)";
            default -> "once a second in the background (appendfsync everysec): a power cut loses about a second";
        };
        final String where = isAppending ? "in memory and written to the append-only file" : "in memory";
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "Redis " + version);
        promise.put("nodes", "1 server, this machine");
        promise.put("replicas", "1");
        promise.put("acks_leader", where);
        promise.put("acks_all", "the same: there is one server");
        promise.put(RunningTarget.WAITS_FOR, "one copy");
        promise.put(RunningTarget.SYNCED, isAppending && "always".equals(settings.get("appendfsync")) ? "yes" : "no");
        promise.put("sync", sync);
        promise.put("batching", "none: a command a record; commands that are due together go out in one write");
        settings.forEach((key, value) -> promise.put("setting " + key, value.isEmpty() ? "\"\"" : value));
        return new ServerTarget.About("Redis " + version + " Streams, 1 server",
            "Redis Streams: one server, no replica; an acknowledged record is " + where + "; sync: " + sync + ".",
            promise, bootstrap);
    }

    /** From "Redis server v=7.0.15 sha=...". */
    private static String version(final String line) {
        return line.replaceAll("^.*\\bv=(\\S+).*$", "$1");
    }
}
