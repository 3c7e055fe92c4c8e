package io.millrace.results.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace history}: a line of results over time. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
        "Keep a line of results over time and find where its level changed.",
        "A history is one file, a JSON object a line, only ever appended to: keep it under version control."},
    subcommands = {HistoryAddCommand.class, HistoryListCommand.class, HistoryGateCommand.class,
        HistoryExportCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace history add history.jsonl results/runs/ab-20260131-1200",
        "  millrace history list history.jsonl",
        "  millrace history gate history.jsonl --metric rt.p99 --last 3",
        "  millrace history export history.jsonl --format bmf"})
public final class HistoryCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public HistoryCommand() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command: add, list, gate or export?");
    }
}
