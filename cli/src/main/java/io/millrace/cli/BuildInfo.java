package io.millrace.cli;

import picocli.CommandLine;

/** Which build this is: version from the jar, commit from the launcher. */
final class BuildInfo implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[]{
            "millrace " + version() + " (" + commit() + ")",
            "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.home"),
        };
    }

    static String version() {
        final String version = BuildInfo.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static String commit() {
        final String sha = System.getProperty("millrace.git.sha", "unknown");
        if ("unknown".equals(sha)) {
            return "commit unknown";
        }
        final boolean dirty = Boolean.parseBoolean(System.getProperty("millrace.git.dirty"));
        return "commit " + sha.substring(0, Math.min(12, sha.length())) + (dirty ? ", with local changes" : "");
    }
}
