package io.millrace.load.run;

import java.nio.file.Path;

/**
 * What a run measures.
 *
 * @param bootstrap   addresses of brokers, host:port with commas; null for the null driver
 * @param description for the result
 * @param isLocal     true if the brokers share this machine, and so its disk
 * @param dataDir     where they keep their data, or a directory on the same disk as far as known
 */
public record Target(String bootstrap, String description, boolean isLocal, Path dataDir) {
}
