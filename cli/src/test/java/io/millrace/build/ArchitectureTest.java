package io.millrace.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which package may use which, and that the core sees the world only through its seams. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.millrace");

    private static final String[] JDK = {"java..", "javax..", "jdk..", "com.sun.management..",
        "com.sun.net.httpserver.."};

    /**
     * The adapters: the only packages of engine, transport and broker that may read a clock, draw a random number, make
     * a thread or open a file or a socket. Everything else is the core, which a simulation can run.
     */
    private static final String[] ADAPTERS = {
        "io.millrace.engine.io..",
        "io.millrace.transport.replication.aeron..",
        "io.millrace.transport.counters..",
        "io.millrace.transport.kafka.server..",
        "io.millrace.transport.kafka.client..",
        "io.millrace.broker.metadata.cluster..",
        "io.millrace.broker.node..",
        "io.millrace.broker.config..",
        "io.millrace.broker.command..",
    };

    /** A fetch reply hands regions of the log's file to the socket; of the engine's files transport knows only this. */
    private static final String LOG_FILE = "io.millrace.engine.io.LogFile";

    private static final String[] CORE = {"io.millrace.engine..", "io.millrace.transport..", "io.millrace.broker.."};

    @Test
    void shouldUseNothingButTheJdkWhenInTheMeter() {
        requireOnly("io.millrace.meter..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInTheEngine() {
        requireOnly("io.millrace.engine..", "org.agrona..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInTransport() {
        requireOnly("io.millrace.transport..", "io.millrace.engine.format..", LOG_FILE, "org.agrona..", "io.aeron..",
            "org.apache.kafka..", "net.jpountz..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInTheBroker() {
        requireOnly("io.millrace.broker..", "io.millrace.engine..", "io.millrace.transport..", "io.millrace.meter..",
            "org.agrona..", "io.aeron..", "picocli..", "com.google.re2j..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInResults() {
        requireOnly("io.millrace.results..", "com.fasterxml.jackson..", "org.HdrHistogram..", "picocli..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInTheLoadGenerator() {
        // the lean client, the plain messages it speaks and what it throws at malformed ones; the nodes' counters
        requireOnly("io.millrace.load..", "io.millrace.transport.kafka.client..",
            "io.millrace.transport.kafka.message..",
            "io.millrace.transport.kafka.codec.MalformedRequestException", "io.millrace.transport.counters..",
            "io.millrace.results..", "io.millrace.meter..",
            "org.agrona..", "org.HdrHistogram..", "picocli..", "com.fasterxml.jackson..", "org.apache.kafka..",
            "net.jpountz..");
    }

    @Test
    void shouldUseOnlyItsRowWhenInTheTargets() {
        // the load generator's seams, and its lean admin to see when a cluster is there; no foreign client but Kafka's,
        // which the load generator has anyway: it alone can ask Kafka who its controller is
        requireOnly("io.millrace.targets..", "io.millrace.load.driver", "io.millrace.load.driver.lean",
            "io.millrace.load.target", "io.millrace.load.workload", "org.agrona..", "io.aeron..",
            "org.apache.kafka..");
    }

    @Test
    void shouldKeepAeronClusterInItsAdapterWhenInTheBroker() {
        noClasses().that().resideInAPackage("io.millrace.broker..")
            .and().resideOutsideOfPackages(ADAPTERS)
            .should().dependOnClassesThat().resideInAPackage("io.aeron..")
            .allowEmptyShould(true).check(CLASSES);
    }

    @Test
    void shouldKeepKafkaClientsInTheirDriverWhenInTheLoadGenerator() {
        noClasses().that().resideInAPackage("io.millrace.load..")
            .and().resideOutsideOfPackage("io.millrace.load.driver..")
            .should().dependOnClassesThat().resideInAnyPackage("org.apache.kafka..", "net.jpountz..")
            .allowEmptyShould(true).check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"meter", "engine", "transport", "broker", "load", "results", "targets", "cli"})
    void shouldFormNoCircleWhenPackagesUseEachOther(final String module) {
        SlicesRuleDefinition.slices().assignedFrom(new PackagesOf("io.millrace." + module)).should().beFreeOfCycles()
            .allowEmptyShould(true).check(CLASSES);
    }

    @Test
    void shouldReadNoClockAndDrawNoRandomNumberWhenInTheCore() {
        noClasses().that().resideInAnyPackage(CORE).and().resideOutsideOfPackages(ADAPTERS)
            .should().callMethod(System.class, "nanoTime")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().callMethod(java.time.Instant.class, "now")
            .orShould().callMethod(Math.class, "random")
            .orShould().callMethod(java.util.UUID.class, "randomUUID")
            .orShould().callMethodWhere(owner("java.util.concurrent.ThreadLocalRandom"))
            .orShould().callConstructor(java.util.Random.class)
            .orShould().dependOnClassesThat().haveNameMatching("java\\.security\\.SecureRandom")
            .orShould().dependOnClassesThat().haveNameMatching("org\\.agrona\\.concurrent\\.System.*Clock")
            .allowEmptyShould(true).check(CLASSES);
    }

    @Test
    void shouldMakeNoThreadWhenInTheCore() {
        noClasses().that().resideInAnyPackage(CORE).and().resideOutsideOfPackages(ADAPTERS)
            .should().callConstructorWhere(owner("java.lang.Thread"))
            .orShould().callMethod(Thread.class, "start")
            .orShould().callMethod(Thread.class, "sleep", long.class)
            .orShould().dependOnClassesThat()
            .haveNameMatching("java\\.util\\.concurrent\\.(Executors|Timer.*|ForkJoin.*)")
            .orShould().dependOnClassesThat().haveNameMatching("org\\.agrona\\.concurrent\\.AgentRunner")
            .allowEmptyShould(true).check(CLASSES);
    }

    @Test
    void shouldOpenNoFileAndNoSocketWhenInTheCore() {
        noClasses().that().resideInAnyPackage(CORE).and().resideOutsideOfPackages(ADAPTERS)
            .should().dependOnClassesThat().haveNameMatching("java\\.nio\\.channels\\.[A-Z]\\w*(Channel|Selector)")
            .orShould().dependOnClassesThat().haveNameMatching("java\\.nio\\.file\\.Files")
            .orShould().dependOnClassesThat().haveNameMatching(
                "java\\.io\\.(RandomAccessFile|File(Input|Output)Stream|FileReader|FileWriter)")
            .orShould().dependOnClassesThat().haveNameMatching("java\\.net\\.(Server|Datagram)?Socket")
            .allowEmptyShould(true).check(CLASSES);
    }

    private static void requireOnly(final String module, final String... others) {
        final List<String> allowed = new ArrayList<>(Arrays.asList(JDK));
        allowed.add(module);
        allowed.addAll(Arrays.asList(others));
        classes().that().resideInAPackage(module)
            .should().onlyDependOnClassesThat(new InPackages(allowed))
            .allowEmptyShould(true).check(CLASSES);
    }

    private static <T extends com.tngtech.archunit.core.domain.JavaAccess<?>> DescribedPredicate<T> owner(
        final String className) {
        return DescribedPredicate.describe("of " + className,
            access -> access.getTargetOwner().getName().equals(className));
    }

    /** Primitive types and arrays of them have no package and are always allowed. */
    private static final class InPackages extends DescribedPredicate<JavaClass> {
        private final List<String> allowed;
        private final DescribedPredicate<JavaClass> packages;

        InPackages(final List<String> allowed) {
            super("in " + allowed);
            this.allowed = allowed;
            packages = JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new));
        }

        @Override
        public boolean test(final JavaClass used) {
            final JavaClass type = used.getBaseComponentType();
            return type.isPrimitive() || packages.test(type) || allowed.contains(type.getName());
        }
    }

    /** One slice per package of a module, its root package included. */
    private static final class PackagesOf implements SliceAssignment {
        private final String module;

        PackagesOf(final String module) {
            this.module = module;
        }

        @Override
        public String getDescription() {
            return "packages of " + module;
        }

        @Override
        public SliceIdentifier getIdentifierOf(final JavaClass type) {
            final String name = type.getPackageName();
            return name.equals(module) || name.startsWith(module + ".")
                ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
        }
    }
}
