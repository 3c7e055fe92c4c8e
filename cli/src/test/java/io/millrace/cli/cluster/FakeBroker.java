package io.millrace.cli.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileReader;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Stands in for a broker process: takes its properties file, listens, and answers Metadata version 1. */
final class FakeBroker {
    private FakeBroker() {
    }

    public static void main(final String[] args) throws IOException {
        final Properties properties = new Properties();
        try (Reader reader = new FileReader(args[1])) {
            properties.load(reader);
        }
        if (properties.getProperty("node.id").equals(properties.getProperty("fake.ends"))) {
            System.err.println("log directory is damaged");
            System.exit(4);
        }
        final Path pausedOnce = Path.of(args[1]).resolveSibling("paused-once");
        if (properties.containsKey("fake.pauses") && Files.notExists(pausedOnce)) {
            Files.createFile(pausedOnce);
            System.exit(BrokerProcess.RESTART_EXIT_CODE);
        }
        if (properties.containsKey("fake.deaf")) {
            Runtime.getRuntime().addShutdownHook(new Thread(FakeBroker::never));
        }
        final int brokerCount = Integer.parseInt(properties.getProperty("fake.brokers", "3"));
        final int port = Integer.parseInt(properties.getProperty("listeners").replaceAll(".*:", ""));
        try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"))) {
            while (true) {
                serve(server.accept(), brokerCount);
            }
        }
    }

    private static void serve(final Socket accepted, final int brokerCount) {
        try (Socket client = accepted) {
            answer(client, brokerCount);
        } catch (final IOException ex) {
            return; // it only looked whether somebody listens, or waited no longer
        }
    }

    private static void never() {
        try {
            new java.util.concurrent.CountDownLatch(1).await();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(final Socket client, final int brokerCount) throws IOException {
        final DataInputStream in = new DataInputStream(client.getInputStream());
        in.readFully(new byte[in.readInt()]);
        final DataOutputStream out = new DataOutputStream(client.getOutputStream());
        final String host = "127.0.0.1";
        out.writeInt(4 + 4 + brokerCount * (4 + 2 + host.length() + 4 + 2) + 4 + 4);
        out.writeInt(1);
        out.writeInt(brokerCount);
        for (int id = 1; id <= brokerCount; id++) {
            out.writeInt(id);
            out.writeUTF(host);
            out.writeInt(9000 + id);
            out.writeShort(-1);
        }
        out.writeInt(1);
        out.writeInt(0);
    }
}
