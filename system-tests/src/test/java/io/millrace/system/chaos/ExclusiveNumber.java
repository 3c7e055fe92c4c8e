package io.millrace.system.chaos;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Numbers that no other rig on this machine has, until this process ends. Owned by the main thread. */
final class ExclusiveNumber {
    /** Kept reachable: a channel that is collected gives its lock up. */
    private static final List<FileLock> HELD = new ArrayList<>();

    private ExclusiveNumber() {
    }

    /** {@return one of the numbers from 0 on that fits and that no other process has taken for the same purpose} */
    static int take(final String purpose, final int count, final IntPredicate fits) throws IOException {
        final int first = (int) (ProcessHandle.current().pid() % count);
        for (int i = 0; i < count; i++) {
            final int number = (first + i) % count;
            if (fits.test(number) && lock(purpose, number)) {
                return number;
            }
        }
        throw new IOException("nothing free: " + purpose + ", all of " + count + " are taken; end other fault rigs");
    }

    private static boolean lock(final String purpose, final int number) throws IOException {
        final Path file =
            Path.of(System.getProperty("java.io.tmpdir"), "millrace-chaos-" + purpose + "-" + number + ".lock");
        final FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            final FileLock lock = channel.tryLock();
            if (lock != null) {
                HELD.add(lock);
                return true;
            }
        } catch (final OverlappingFileLockException ownedByAnotherCluster) {
            channel.close();
            return false;
        }
        channel.close();
        return false;
    }
}
