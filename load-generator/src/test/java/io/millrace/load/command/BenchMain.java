package io.millrace.load.command;

import picocli.CommandLine;

/** The commands of this module in a process of their own. */
final class BenchMain {
    private BenchMain() {
    }

    public static void main(final String[] args) {
        System.exit(new CommandLine(new BenchCommand()).execute(args));
    }
}
