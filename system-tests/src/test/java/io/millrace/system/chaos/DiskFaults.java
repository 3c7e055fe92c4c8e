package io.millrace.system.chaos;

import io.millrace.engine.damage.ShimControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What is done to the disk of a node. Owned by the main thread. */
final class DiskFaults {
    private static final long PROOF_TIMEOUT_S = 120;

    private DiskFaults() {
    }

    /** A file takes all room there is, and what becomes free. */
    static final class Full implements Fault {
        private static final int BLOCK_LENGTH = 1 << 16;
        private static final int SMALLEST_LENGTH = 1;

        private final ChaosNode victim;
        private final Path ballast;
        private long logPosition;
        private boolean isFull;

        Full(final ChaosNode victim) {
            this.victim = victim;
            ballast = victim.data().resolve("chaos-ballast");
        }

        @Override
        public List<ChaosNode> victims() {
            return List.of(victim);
        }

        @Override
        public void inject() throws IOException {
            logPosition = victim.logLength();
            fill();
        }

        private void fill() throws IOException {
            try (FileChannel file = FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.APPEND)) {
                int length = BLOCK_LENGTH;
                while (length >= SMALLEST_LENGTH) {
                    try {
                        file.write(ByteBuffer.allocate(length));
                    } catch (final IOException full) {
                        isFull = true;
                        length /= 2;
                    }
                }
            }
        }

        @Override
        public String prove() throws Wait.TooLateException {
            Wait.until(PROOF_TIMEOUT_S, () -> "refused writes of node " + victim.id() + " on a full disk", () -> {
                fill();
                return isFull && refusal() != null;
            });
            return "no room left for one byte; the broker says: " + refusal();
        }

        private String refusal() {
            try {
                return victim.logFrom(logPosition).lines().filter(line -> line.contains("refuses writes")
                    || line.contains("No space left")).findFirst().orElse(null);
            } catch (final IOException ex) {
                return null;
            }
        }

        @Override
        public String heal() throws IOException {
            final long length = Files.size(ballast);
            Files.delete(ballast);
            victim.start(); // unless it runs
            return "gave " + (length >> 20) + " MiB back";
        }
    }

    /** Every write to a shard's log fails. */
    static final class WriteError implements Fault {
        private final ChaosNode victim;
        private final ShimControl control;
        private final boolean isKilled;

        WriteError(final ChaosNode victim, final ShimControl control, final int pick) {
            this.victim = victim;
            this.control = control;
            isKilled = pick % 2 == 0;
        }

        @Override
        public List<ChaosNode> victims() {
            return List.of(victim);
        }

        @Override
        public void inject() {
            victim.allowEnd();
            control.arm(ShimControl.Operation.WRITE, ShimControl.Action.IO_ERROR, "/data/shard-", 0, true);
        }

        @Override
        public String prove() throws Wait.TooLateException {
            Wait.until(PROOF_TIMEOUT_S, () -> "a failed write of node " + victim.id() + ", writes seen: "
                + control.seenCount(), () -> control.doneCount() > 0);
            return "writes failed with EIO: " + control.doneCount();
        }

        @Override
        public String heal() throws IOException, Wait.TooLateException {
            final long count = control.doneCount();
            control.disarm();
            final String end;
            if (!victim.isRunning()) {
                end = "it had ended with exit code " + victim.lastExitCode();
            } else if (isKilled) {
                victim.sendKill();
                end = victim.awaitKilled();
            } else {
                end = victim.stop();
            }
            victim.start(); // a log that failed is not written again before a restart
            return "writes failed with EIO: " + count + ", " + end + ", started again";
        }
    }
}
