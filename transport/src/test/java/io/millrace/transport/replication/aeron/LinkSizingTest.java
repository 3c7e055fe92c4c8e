package io.millrace.transport.replication.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LinkSizingTest {
    private static final int LOOPBACK_MTU = 65_536;
    private static final int STOCK_SOCKET_LENGTH = 212_992;
    private static final long SMALL_SHM = 256L << 20;
    private static final long LARGE_SHM = 24L << 30;

    private static LinkSizing.Inputs inputs(final int granted, final long shm) {
        return new LinkSizing.Inputs(LOOPBACK_MTU, granted, shm, 2, 0, 0, 0);
    }

    @Test
    void shouldUseTheLargestDatagramWhenTheInterfaceAllowsIt() {
        final LinkSizing sizing = LinkSizing.fit(inputs(4 << 20, LARGE_SHM));
        assertEquals(LinkSizing.MAX_MTU_LENGTH, sizing.mtuLength());
        assertEquals(LinkSizing.WANTED_WINDOW_LENGTH, sizing.windowLength());
        assertTrue(sizing.warnings().isEmpty(), () -> sizing.warnings().toString());
    }

    @Test
    void shouldFitAnEthernetInterface() {
        final LinkSizing sizing = LinkSizing.fit(new LinkSizing.Inputs(1500, 4 << 20, LARGE_SHM, 2, 0, 0, 0));
        assertEquals(1472, sizing.mtuLength());
    }

    @Test
    void shouldShrinkTheWindowAndWarnOnceWhenTheKernelIsStock() {
        final LinkSizing sizing = LinkSizing.fit(inputs(STOCK_SOCKET_LENGTH, LARGE_SHM));
        assertEquals(STOCK_SOCKET_LENGTH, sizing.windowLength());
        assertTrue(sizing.windowLength() >= 8 * sizing.mtuLength(), () -> sizing.toString());
        assertEquals(1, sizing.warnings().size());
        assertTrue(sizing.warnings().get(0).contains("net.core.rmem_max"), sizing.warnings().get(0));
    }

    @Test
    void shouldLeaveRoomForThreeBrokersWhenSharedMemoryIsSmall() {
        final LinkSizing sizing = LinkSizing.fit(inputs(STOCK_SOCKET_LENGTH, SMALL_SHM));
        assertTrue(sizing.termLength() >= 8 * sizing.mtuLength());
        assertTrue(3 * sizing.shmLength() <= SMALL_SHM * 5 / 8, () -> sizing.toString());
    }

    @Test
    void shouldRefuseWhatTheUserSetWhenItCannotBeHad() {
        final String message = assertThrows(IllegalArgumentException.class, () -> LinkSizing.fit(
            new LinkSizing.Inputs(LOOPBACK_MTU, STOCK_SOCKET_LENGTH, LARGE_SHM, 2, 0, 1 << 20, 0))).getMessage();
        assertTrue(message.contains("millrace.replication.window.bytes=1048576"), message);
        assertTrue(message.contains("sysctl"), message);
        assertThrows(IllegalArgumentException.class, () -> LinkSizing.fit(
            new LinkSizing.Inputs(LOOPBACK_MTU, 4 << 20, LARGE_SHM, 2, 0, 0, 65_536)));
    }

    @Test
    void shouldRefuseToCrawlWhenTheSocketBufferIsTiny() {
        assertThrows(IllegalArgumentException.class, () -> LinkSizing.fit(inputs(64 << 10, LARGE_SHM)));
    }
}
