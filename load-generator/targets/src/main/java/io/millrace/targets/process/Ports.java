package io.millrace.targets.process;

import io.millrace.load.driver.TargetRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Free ports of the loopback interface, away from the systems' default ones; no state. */
public final class Ports {
    private static final int STEP = 20;
    private static final int TRIES = 50;
    private static final int CONNECT_TIMEOUT_MS = 500;

    private Ports() {
    }

    /**
     * {@return the first of so many free ports in a row}
     *
     * @param asked the user's first port, 0 to look from {@code from} on
     * @param from  where to look
     * @param count how many
     */
    public static int freeBase(final int asked, final int from, final int count) {
        if (asked > 0) {
            if (!areFree(asked, count)) {
                throw new TargetRefusedException("base-port: value=" + asked + " is taken, or one of the " + (count - 1)
                    + " ports after it; name another or leave it out", null);
            }
            return asked;
        }
        for (int i = 0; i < TRIES; i++) {
            if (areFree(from + i * STEP, count)) {
                return from + i * STEP;
            }
        }
        throw new TargetRefusedException("no " + count + " free ports in a row from " + from + " to "
            + (from + TRIES * STEP) + "; name the first with --base-port", null);
    }

    /**
     * {@return true if somebody listens}
     *
     * @param port of the loopback interface
     */
    public static boolean isListening(final int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MS);
            return true;
        } catch (final IOException ex) {
            return false;
        }
    }

    private static boolean areFree(final int base, final int count) {
        for (int i = 0; i < count; i++) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), base + i));
            } catch (final IOException ex) {
                return false;
            }
        }
        return true;
    }
}
