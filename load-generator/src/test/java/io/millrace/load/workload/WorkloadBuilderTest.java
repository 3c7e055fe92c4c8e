package io.millrace.load.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadBuilderTest {
    @Test
    void shouldReadOurNamesAndKafkas() {
        final Workload workload = new WorkloadBuilder().set("throughput=50k").set("linger.ms", "5")
            .set("batch.size=16KiB").set("compression.type", "lz4").set("acks", "1").set("record-size", "100B")
            .set("topic.min.insync.replicas", "2").build();
        assertEquals(50_000, workload.ratePerS());
        assertEquals(5_000_000, workload.lingerNs());
        assertEquals(16_384, workload.batchLength());
        assertEquals(Compression.LZ4, workload.compression());
        assertEquals(Acks.LEADER, workload.acks());
        assertEquals(100, workload.recordLength());
        assertEquals("2", workload.topicConfigs().get("min.insync.replicas"));
    }

    @Test
    void shouldLeaveTheOriginalAloneWhenACopyChanges() {
        final WorkloadBuilder base = new WorkloadBuilder();
        new WorkloadBuilder(base).set("acks", "leader").set("topic.a", "b");
        assertEquals(Acks.ALL, base.build().acks());
        assertTrue(base.build().topicConfigs().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "rate|0|value=0 is out of bounds",
        "rate|fast|is not records per second",
        "rate|1.5|no whole number",
        "record-size|31|use 32 to",
        "record-size|2MiB|use 32 to",
        "duration|5x|unknown unit",
        "duration|1ms|measure for longer",
        "acks|2|is none of leader, all, none",
        "compression|zip|is none of none, gzip",
        "driver|no driver|is none of lean, java, null",
        "arrival|sometimes|is none of uniform, poisson",
        "arrival|step:10s|not duration@rate",
        "keys|zipf|wrong number of parts",
        "faults|5s kill everybody|cannot be; kill",
        "faults|40s kill leader|does not end within",
        "slo|rt.p42<5ms|is unknown; use rt",
        "backlog|1GiB|needs consumers",
        "warmup|steady:2s|too short",
        "consumers|7|some would have none",
        "throughputs|5k|did you mean throughput?",
        "partitions|0|use 1 to",
        "in-flight|0|use 1 to",
        "batch-size|500|no room for a record",
        "verify|maybe|is none of true, false",
        "seed|x|no whole number",
        "num-records|99999M|lower --rate",
        "speed|1|is unknown;"})
    void shouldNameValueAndRemedyWhenASettingCannotBe(final String key, final String value, final String expected) {
        final WorkloadException refused = assertThrows(WorkloadException.class,
            () -> new WorkloadBuilder().set(key, value).build());
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    }

    @Test
    void shouldRefuseTwoEnds() {
        final WorkloadException refused = assertThrows(WorkloadException.class,
            () -> new WorkloadBuilder().set("duration", "5s").set("num-records", "10").build());
        assertTrue(refused.getMessage().contains("give one of them"), refused.getMessage());
    }

    @Test
    void shouldParseUnits() {
        assertEquals(1_024, Units.lengthOf("x", "1KiB"));
        assertEquals(1_000, Units.lengthOf("x", "1k"));
        assertEquals(1_572_864, Units.lengthOf("x", "1.5 MiB"));
        assertEquals(90_000_000_000L, Units.durationNsOf("x", "1.5m"));
        assertEquals(60_000_000_000L, Units.durationNsOf("x", "60"));
        assertEquals(1_500_000, Units.rateOf("x", "1.5M/s"));
        assertEquals(Units.UNLIMITED, Units.rateOf("x", "-1"));
        assertEquals("1.50 ms", Units.duration(1_500_000));
        assertEquals("12.2 TiB", Units.length(13_400_000_000_000L));
    }
}
