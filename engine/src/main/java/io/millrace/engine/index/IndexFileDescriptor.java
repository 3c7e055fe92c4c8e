package io.millrace.engine.index;

import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;

/**
 * Layout of an index file. Little endian.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                             Magic                             |   0
 *  +---------------------------------------------------------------+
 *  |                            Version                            |   4
 *  +---------------------------------------------------------------+
 *  |              Base Position of the segment (long)              |   8
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |              End Position of the segment (long)               |  16
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                        Last Frame CRC                         |  24
 *  +---------------------------------------------------------------+
 *  |                        Partition Count                        |  28
 *  +---------------------------------------------------------------+
 *  |                          Entry Count                          |  32
 *  +---------------------------------------------------------------+
 *  |                              CRC                              |  36
 *  +---------------------------------------------------------------+
 *  |   Partitions by id: int id, int entry count, long first      ...  40
 *  |   offset, long next offset, long length, long max timestamp  ...
 *  +---------------------------------------------------------------+
 *  |   Entries, partition by partition: long base offset, long    ...
 *  |   position, int batch length, int offset count, long max     ...
 *  |   timestamp                                                  ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The CRC is a CRC32C of the file without the CRC field: first everything behind it, then everything before it. The
 * file says nothing that the segment does not say; a missing or damaged one is built again.
 */
final class IndexFileDescriptor {
    static final int MAGIC = 0x5849524d; // "MRIX"
    static final int VERSION = 1;

    static final int MAGIC_FIELD_OFFSET = 0;
    static final int VERSION_FIELD_OFFSET = MAGIC_FIELD_OFFSET + SIZE_OF_INT;
    static final int BASE_POSITION_FIELD_OFFSET = VERSION_FIELD_OFFSET + SIZE_OF_INT;
    static final int END_POSITION_FIELD_OFFSET = BASE_POSITION_FIELD_OFFSET + SIZE_OF_LONG;
    static final int LAST_FRAME_CRC_FIELD_OFFSET = END_POSITION_FIELD_OFFSET + SIZE_OF_LONG;
    static final int PARTITION_COUNT_FIELD_OFFSET = LAST_FRAME_CRC_FIELD_OFFSET + SIZE_OF_INT;
    static final int ENTRY_COUNT_FIELD_OFFSET = PARTITION_COUNT_FIELD_OFFSET + SIZE_OF_INT;
    static final int CRC_FIELD_OFFSET = ENTRY_COUNT_FIELD_OFFSET + SIZE_OF_INT;
    static final int HEADER_LENGTH = CRC_FIELD_OFFSET + SIZE_OF_INT;

    static final int PARTITION_ID_FIELD_OFFSET = 0;
    static final int PARTITION_ENTRY_COUNT_FIELD_OFFSET = PARTITION_ID_FIELD_OFFSET + SIZE_OF_INT;
    static final int FIRST_OFFSET_FIELD_OFFSET = PARTITION_ENTRY_COUNT_FIELD_OFFSET + SIZE_OF_INT;
    static final int NEXT_OFFSET_FIELD_OFFSET = FIRST_OFFSET_FIELD_OFFSET + SIZE_OF_LONG;
    static final int LENGTH_FIELD_OFFSET = NEXT_OFFSET_FIELD_OFFSET + SIZE_OF_LONG;
    static final int MAX_TIMESTAMP_FIELD_OFFSET = LENGTH_FIELD_OFFSET + SIZE_OF_LONG;
    static final int PARTITION_LENGTH = MAX_TIMESTAMP_FIELD_OFFSET + SIZE_OF_LONG;

    static {
        if (HEADER_LENGTH != 40 || PARTITION_LENGTH != 40 || IndexEntry.LENGTH != 32) {
            throw new AssertionError("index layout: headerLength=" + HEADER_LENGTH);
        }
    }

    private IndexFileDescriptor() {
    }
}
