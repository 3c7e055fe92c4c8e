package io.millrace.load.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.load.run.Doctor;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.HarnessFloor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What of this machine would spoil a run. Main thread. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Look at this machine: each line says OK or WARN, what was found, what it would spoil, and the remedy.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {" 0:looked; warnings are no failure", " 2:bad option", " 4:with --strict: there are warnings"})
public final class BenchDoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", description = "Where brokers would keep their data (default: "
        + "~/.millrace).")
    private Path data;

    @Option(names = "--json", description = "Print the findings as JSON.")
    private boolean isJson;

    @Option(names = "--strict", description = "End with 4 if there is a warning.")
    private boolean isStrict;

    /** Picocli makes the instance. */
    public BenchDoctorCommand() {
    }

    @Override
    public Integer call() {
        final Path dir = data != null ? data : Path.of(System.getProperty("user.home"), ".millrace");
        final List<Doctor.Finding> findings = new ArrayList<>(new Doctor(Path.of("/"), dir).examine());
        final boolean isCalibrated = HarnessFloor.load(BenchSession.fingerprint()) != null;
        findings.add(new Doctor.Finding("calibration", isCalibrated, isCalibrated ? "known" : "none for this machine",
            isCalibrated ? null : "a result cannot say whether it measured the load generator itself: millrace bench "
            + "calibrate"));
        final PrintWriter out = spec.commandLine().getOut();
        if (isJson) {
            printJson(out, findings);
        } else {
            for (final Doctor.Finding finding : findings) {
                out.printf(Locale.ROOT, "%-5s %-24s %s%n", finding.isOk() ? "OK" : "WARN", finding.name(),
                    finding.found());
                if (finding.remedy() != null) {
                    out.println("      " + finding.remedy());
                }
            }
        }
        out.flush();
        return isStrict && findings.stream().anyMatch(finding -> !finding.isOk()) ? ExitCodes.INVALID : ExitCodes.OK;
    }

    private static void printJson(final PrintWriter out, final List<Doctor.Finding> findings) {
        final List<Map<String, Object>> lines = new ArrayList<>();
        for (final Doctor.Finding finding : findings) {
            final Map<String, Object> line = new LinkedHashMap<>();
            line.put("name", finding.name());
            line.put("status", finding.isOk() ? "OK" : "WARN");
            line.put("found", finding.found());
            line.put("remedy", finding.remedy());
            lines.add(line);
        }
        try {
            out.println(JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(lines));
        } catch (final JacksonException ex) {
            throw new IllegalStateException("strings are JSON", ex);
        }
    }
}
