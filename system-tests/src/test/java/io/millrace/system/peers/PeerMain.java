package io.millrace.system.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Answers orders on the main thread until its input ends. Argument: the bootstrap servers. */
public final class PeerMain {
    private static final String ONLY_CASE = "yes";

    private final BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final Map<String, Map<String, Scenario>> scenarios = new LinkedHashMap<>();

    /** What is tried; fails by throwing. */
    @FunctionalInterface
    interface Scenario {
        void run(String name) throws Exception;
    }

    /** Thrown for what this version of the client cannot do with any broker. */
    static final class UnableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnableException(final String message) {
            super(message);
        }
    }

    private PeerMain(final String bootstrapServers) {
        final PeerClients clients = new PeerClients(bootstrapServers);
        final RecordScenarios records = new RecordScenarios(clients);
        final GroupScenarios groups = new GroupScenarios(clients);
        final AdminScenarios admin = new AdminScenarios(clients);
        scenarios.put("basic", Map.of(ONLY_CASE, records::basic));
        final Map<String, Scenario> codecs = new LinkedHashMap<>();
        for (final String codec : RecordScenarios.CODECS) {
            codecs.put(codec, name -> records.codec(name, codec));
        }
        scenarios.put("codecs", codecs);
        scenarios.put("large", Map.of(ONLY_CASE, records::large));
        scenarios.put("positions", Map.of(ONLY_CASE, records::positions));
        final Map<String, Scenario> protocols = new LinkedHashMap<>();
        protocols.put("classic", name -> groups.shared(name, "classic"));
        protocols.put("consumer", name -> {
            requireVersionFour();
            groups.shared(name, "consumer");
        });
        scenarios.put("groups", protocols);
        final Map<String, Scenario> administration = new LinkedHashMap<>();
        administration.put("topics", admin::topics);
        administration.put("partitions", admin::partitions);
        administration.put("configs", admin::configs);
        administration.put("groups", admin::groups);
        scenarios.put("admin", administration);
        scenarios.put("restart", Map.of(ONLY_CASE, name -> groups.restart(name, askForRestart())));
    }

    public static void main(final String[] arguments) throws IOException {
        new PeerMain(arguments[0]).serve();
    }

    /** {@return the version as the client's jar says; no public class of 3.9 and 4.4 alike does} */
    private static String version() throws IOException {
        try (InputStream in = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            final Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    private static void requireVersionFour() throws UnableException, IOException {
        if (version().startsWith("3.")) {
            throw new UnableException("the consumer protocol is general from 4.0 on");
        }
    }

    private void serve() throws IOException {
        say("{\"client\": \"kafka-clients\", \"version\": \"" + version() + "\"}");
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            final String[] words = order.split(" ");
            scenarios.get(words[0]).forEach((id, scenario) -> answer(id, scenario, words[1]));
            say("{\"end\": \"" + words[0] + "\"}");
        }
    }

    private static void answer(final String id, final Scenario scenario, final String name) {
        try {
            scenario.run(name);
            say("{\"case\": \"" + id + "\", \"result\": \"passed\"}");
        } catch (final UnableException ex) {
            say("{\"case\": \"" + id + "\", \"result\": \"unable\", \"why\": " + quoted(ex.getMessage()) + "}");
        } catch (final Exception | AssertionError ex) {
            final StringWriter trace = new StringWriter();
            ex.printStackTrace(new PrintWriter(trace, true));
            say("{\"case\": \"" + id + "\", \"result\": \"failed\", \"why\": " + quoted(trace.toString()) + "}");
        }
    }

    /** {@return asks when run, and counts down once the broker is back} */
    private GroupScenarios.Restart askForRestart() {
        return () -> {
            final CountDownLatch done = new CountDownLatch(1);
            final Thread reader = new Thread(() -> {
                try {
                    orders.readLine();
                    done.countDown();
                } catch (final IOException ex) {
                    ex.printStackTrace();
                }
            });
            reader.setDaemon(true);
            reader.start();
            say("{\"ask\": \"restart\"}");
            return done;
        };
    }

    private static void say(final String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static String quoted(final String text) {
        final StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(letter -> {
            if (letter == '"' || letter == '\\') {
                json.append('\\').append((char) letter);
            } else if (letter < ' ') {
                json.append(letter == '\n' ? "\\n" : " ");
            } else {
                json.append((char) letter);
            }
        });
        return json.append('"').toString();
    }
}
