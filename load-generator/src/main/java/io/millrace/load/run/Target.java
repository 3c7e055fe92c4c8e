package io.millrace.load.run;

import java.nio.file.Path;
import java.util.List;

/**
 * What a run measures.
 *
 * @param bootstrap   addresses of brokers, host:port with commas; null for the null driver
 * @param description for the result
 * @param isLocal     true if the brokers share this machine, and so its disk
 * @param dataDir     where they keep their data, or a directory on the same disk as far as known
 * @param brokerPids  processes of all brokers as the user named them; empty to look for them
 */
public record Target(
    String bootstrap, String description, boolean isLocal, Path dataDir, List<Long> brokerPids) {
    /**
     * A target whose brokers are looked for.
     *
     * @param bootstrap   see above
     * @param description see above
     * @param isLocal     see above
     * @param dataDir     see above
     */
    public Target(final String bootstrap, final String description, final boolean isLocal, final Path dataDir) {
        this(bootstrap, description, isLocal, dataDir, List.of());
    }
}
