package io.millrace.broker.node;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that holds many connections until its standard input ends: its open files are not the test's. */
final class IdleClients {
    private IdleClients() {
    }

    static Process start(final int port, final int count) throws Exception {
        final Path classes = Path.of(IdleClients.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "-cp", classes.toString(), IdleClients.class.getName(), Integer.toString(port),
            Integer.toString(count)).redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    /**
     * Connects and waits.
     *
     * @param args port and count
     * @throws IOException when a connection is refused
     */
    public static void main(final String[] args) throws IOException {
        final int port = Integer.parseInt(args[0]);
        final int count = Integer.parseInt(args[1]);
        final List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final Socket socket = new Socket("127.0.0.1", port);
            sockets.add(socket);
            if (i % 2 == 0) {
                socket.getOutputStream().write(0); // one byte of a request that never comes
            }
        }
        while (System.in.read() >= 0) {
            continue;
        }
        for (final Socket socket : sockets) {
            socket.close();
        }
    }
}
