package io.millrace.broker.config;

/**
 * Where Kafka clients connect: {@code PLAINTEXT://host:port}.
 *
 * @param host name or address
 * @param port TCP port
 */
public record Listener(String host, int port) {
    private static final String PREFIX = "PLAINTEXT://";

    static Listener parse(final String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("only one " + PREFIX + "host:port is supported");
        }
        final String address = text.substring(PREFIX.length());
        final int colon = address.lastIndexOf(':');
        if (colon < 1 || address.indexOf(',') >= 0) {
            throw new IllegalArgumentException("expected one " + PREFIX + "host:port");
        }
        final int port = Integer.parseInt(address.substring(colon + 1));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port out of range 1 to 65535");
        }
        return new Listener(address.substring(0, colon), port);
    }

    @Override
    public String toString() {
        return PREFIX + host + ":" + port;
    }
}
