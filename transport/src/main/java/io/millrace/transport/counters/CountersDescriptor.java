package io.millrace.transport.counters;

import org.agrona.concurrent.status.CountersReader;

/**
 * Layout of a counters file, in the byte order of the machine, little endian on all that this runs on.
 *
 * <pre>
 *   0        8        12       16       24         32          40          44        48       52        56
 *  +--------+--------+--------+--------+----------+-----------+-----------+---------+--------+---------+
 *  | magic  | version| nodeId | pid    | startedMs| originNs  | metadata  | values  | peaks  | reserved|
 *  |        |        |        |        | wall     | monotonic | length    | length  | length |         |
 *  +--------+--------+--------+--------+----------+-----------+-----------+---------+--------+---------+
 *  128: Agrona's counters metadata, then Agrona's counters values, then the peaks
 * </pre>
 *
 * <p>A counter that holds a maximum has a line of peaks: {@link #SLOT_COUNT} slots of {time in ms since start, value},
 * one for each {@link #SLOT_NS} of time, so that a reader which comes by every few seconds learns the largest value
 * within any window. A slot's time is -1 while it is being changed. The key of a counter is {shard id or -1, line of
 * peaks or -1}, both ints.
 */
final class CountersDescriptor {
    static final long MAGIC = 0x5354_4e55_4f43_524dL; // "MRCOUNTS" in ASCII
    static final int VERSION = 1;

    static final int MAGIC_FIELD_OFFSET = 0;
    static final int VERSION_FIELD_OFFSET = 8;
    static final int NODE_ID_FIELD_OFFSET = 12;
    static final int PID_FIELD_OFFSET = 16;
    static final int STARTED_MS_FIELD_OFFSET = 24;
    static final int ORIGIN_NS_FIELD_OFFSET = 32;
    static final int METADATA_LENGTH_FIELD_OFFSET = 40;
    static final int VALUES_LENGTH_FIELD_OFFSET = 44;
    static final int PEAKS_LENGTH_FIELD_OFFSET = 48;
    static final int HEADER_LENGTH = 128;

    static final int SHARD_ID_KEY_OFFSET = 0;
    static final int PEAK_KEY_OFFSET = 4;
    static final int KEY_LENGTH = 8;

    static final int SLOT_COUNT = 32;
    static final long SLOT_NS = 250_000_000L;
    static final int SLOT_TIME_OFFSET = 0;
    static final int SLOT_VALUE_OFFSET = 8;
    static final int SLOT_LENGTH = 16;
    static final int PEAK_LENGTH = SLOT_COUNT * SLOT_LENGTH;
    static final long NO_TIME = -1;

    /** A file of ours has room for so many. */
    static final int COUNTER_CAPACITY = 1024;
    static final int PEAK_CAPACITY = 32;
    /** A reader maps no more, whatever a file says of itself. */
    static final int MAX_FILE_LENGTH = 16 << 20;

    static final int METADATA_LENGTH = COUNTER_CAPACITY * CountersReader.METADATA_LENGTH;
    static final int VALUES_LENGTH = COUNTER_CAPACITY * CountersReader.COUNTER_LENGTH;
    static final int PEAKS_LENGTH = PEAK_CAPACITY * PEAK_LENGTH;
    static final int FILE_LENGTH = HEADER_LENGTH + METADATA_LENGTH + VALUES_LENGTH + PEAKS_LENGTH;

    private CountersDescriptor() {
    }
}
