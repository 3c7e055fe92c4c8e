package io.millrace.transport.replication.aeron;

import java.util.ArrayList;
import java.util.List;
import org.agrona.BitUtil;

/**
 * How large datagrams, windows and term buffers are, fitted to the interface's MTU, to the socket buffer that the
 * kernel really grants and to the shared memory. What the user asked for and cannot have is an error; what we chose
 * ourselves shrinks with a warning that names the remedy.
 *
 * @param mtuLength          datagram length without IP and UDP headers, a multiple of 32
 * @param windowLength       receive window of a live or catch-up stream
 * @param termLength         term buffer length of a live or catch-up stream
 * @param socketBufferLength SO_RCVBUF to ask for
 * @param shmLength          what all log buffers of this broker may occupy
 * @param warnings           what was made smaller than wanted, with the remedy
 */
record LinkSizing(
    int mtuLength, int windowLength, int termLength, int socketBufferLength, long shmLength, List<String> warnings) {

    /** Largest MTU that Aeron takes. */
    static final int MAX_MTU_LENGTH = 65_504;
    /** Window wanted where the socket buffer allows it. */
    static final int WANTED_WINDOW_LENGTH = 1 << 20;
    /** Below this window replication would crawl. */
    static final int MIN_WINDOW_LENGTH = 128 << 10;
    static final int CONTROL_MTU_LENGTH = 1408;
    static final int CONTROL_TERM_LENGTH = 64 << 10;
    private static final int MIN_TERM_LENGTH = 64 << 10;
    private static final int MAX_AUTO_TERM_LENGTH = 4 << 20;
    private static final int TERMS_PER_LOG = 3;
    private static final int DATAGRAMS_PER_WINDOW = 8;
    private static final int IP_AND_UDP_HEADER_LENGTH = 28;
    private static final int FRAME_ALIGNMENT = 32;
    /** Counters, client and loss report files of one driver. */
    private static final long DRIVER_FILES_LENGTH = 8L << 20;
    /** Share of the machine's shared memory that one broker takes by default. */
    private static final int SHM_SHARE = 8;

    /**
     * What there is and what was asked for.
     *
     * @param interfaceMtuLength    of the interface that replication uses
     * @param grantedSocketLength   SO_RCVBUF that the kernel grants when asked for plenty
     * @param shmTotalLength        capacity of the file system that holds the log buffers
     * @param peerCount             other brokers
     * @param userMtuLength         0 = choose
     * @param userWindowLength      0 = choose
     * @param userTermLength        0 = choose
     */
    record Inputs(int interfaceMtuLength, int grantedSocketLength, long shmTotalLength, int peerCount,
        int userMtuLength, int userWindowLength, int userTermLength) {
    }

    static LinkSizing fit(final Inputs inputs) {
        final List<String> warnings = new ArrayList<>();
        final int window = window(inputs, warnings);
        final int mtu = mtu(inputs, window);
        final int term = term(inputs, mtu, warnings);
        // a receiver never grants more than half a term
        final int effectiveWindow = Math.min(window, term / 2);
        return new LinkSizing(mtu, effectiveWindow, term, Math.max(window, inputs.grantedSocketLength()),
            shmLength(inputs.peerCount(), term), List.copyOf(warnings));
    }

    private static int window(final Inputs inputs, final List<String> warnings) {
        final int granted = inputs.grantedSocketLength();
        final int user = inputs.userWindowLength();
        if (user > granted) {
            throw new IllegalArgumentException("replication window exceeds the socket buffer: "
                + "millrace.replication.window.bytes=" + user + ", SO_RCVBUF granted=" + granted
                + "; lower the key or raise the kernel's limit: sysctl -w net.core.rmem_max=" + user);
        }
        final int window = user > 0 ? user : Math.min(WANTED_WINDOW_LENGTH, granted);
        if (window < MIN_WINDOW_LENGTH) {
            throw new IllegalArgumentException("replication window too small: " + window + " bytes, at least "
                + MIN_WINDOW_LENGTH + " are needed; SO_RCVBUF granted=" + granted
                + "; raise the kernel's limit: sysctl -w net.core.rmem_max=" + WANTED_WINDOW_LENGTH);
        }
        if (user == 0 && window < WANTED_WINDOW_LENGTH) {
            warnings.add("replication window is " + window + " bytes, " + WANTED_WINDOW_LENGTH
                + " would be faster: sysctl -w net.core.rmem_max=" + WANTED_WINDOW_LENGTH);
        }
        return window;
    }

    private static int mtu(final Inputs inputs, final int window) {
        final int interfaceLimit = (inputs.interfaceMtuLength() - IP_AND_UDP_HEADER_LENGTH)
            / FRAME_ALIGNMENT * FRAME_ALIGNMENT;
        final int limit = Math.min(MAX_MTU_LENGTH, interfaceLimit);
        final int user = inputs.userMtuLength();
        if (user > MAX_MTU_LENGTH || user < 0 || user % FRAME_ALIGNMENT != 0) {
            throw new IllegalArgumentException("replication MTU out of range: millrace.replication.mtu.bytes=" + user
                + ", allowed are multiples of " + FRAME_ALIGNMENT + " up to " + MAX_MTU_LENGTH);
        }
        // few datagrams in a window wait for each other: AeronWindowBenchmark, 128 KiB, 1.5 times as fast with 16 KiB
        final int windowLimit = window / DATAGRAMS_PER_WINDOW / FRAME_ALIGNMENT * FRAME_ALIGNMENT;
        return user > 0 ? user : Math.max(CONTROL_MTU_LENGTH, Math.min(limit, windowLimit));
    }

    private static int term(final Inputs inputs, final int mtu, final List<String> warnings) {
        final int minimum = Math.max(MIN_TERM_LENGTH, BitUtil.findNextPositivePowerOfTwo(mtu * 8));
        final int user = inputs.userTermLength();
        if (user > 0) {
            if (!BitUtil.isPowerOfTwo(user) || user < minimum) {
                throw new IllegalArgumentException("replication term buffer not usable: "
                    + "millrace.replication.term.bytes=" + user + ", a power of two of at least " + minimum
                    + " is needed (8 times the MTU of " + mtu + ")");
            }
            return user;
        }
        final long budget = inputs.shmTotalLength() / SHM_SHARE;
        int term = MAX_AUTO_TERM_LENGTH;
        while (term > minimum && shmLength(inputs.peerCount(), term) > budget) {
            term >>= 1;
        }
        if (term < 1 << 20) {
            warnings.add("replication term buffers are " + term + " bytes because shared memory has only "
                + inputs.shmTotalLength() + " bytes in all; enlarge it: mount -o remount,size=1g /dev/shm, or name "
                + "another folder with millrace.aeron.dir");
        }
        return term;
    }

    /** What the log buffers of one broker occupy: a publication and an image per peer and stream. */
    private static long shmLength(final int peerCount, final int termLength) {
        final long perDirection = TERMS_PER_LOG * (2L * termLength + CONTROL_TERM_LENGTH);
        return DRIVER_FILES_LENGTH + 2L * peerCount * perDirection;
    }
}
