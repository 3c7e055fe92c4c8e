package io.millrace.engine.damage;

import io.millrace.engine.damage.TracingStorage.Kind;
import io.millrace.engine.damage.TracingStorage.Operation;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What a disk may hold when power goes after some of a trace's operations. Used once.
 *
 * <p>The law: what was written to a file before its last sync is there. Of what was written after, each sector of 512
 * bytes is there or not, on its own; the file may have grown without its data, which then is zero. Of creations,
 * renames and deletions since the last sync of the directory the first few are there, as with a journal; or, on a
 * weaker file system, any of them.
 */
final class CrashImage {
    /** Which of the operations that no sync covers survive. */
    enum Survival {
        NONE, ALL, ALL_BUT_ONE, ONLY_ONE, FIRST_ONES, EACH_ON_ITS_OWN, ANY_NAME_CHANGES
    }

    private static final int SECTOR_LENGTH = 512;

    private final List<Operation> operations;
    private final int count;
    private final Survival survival;
    private final boolean isSyncALie;
    private final SplittableRandom random;
    private final Map<Integer, Integer> lastSyncs = new HashMap<>();
    private final Map<Integer, byte[]> contents = new HashMap<>();
    private final TreeMap<String, Integer> names = new TreeMap<>();
    private final double probability;
    private int lastDirectorySync = -1;
    private int pieceCount;
    private int chosenPiece;
    private int nextPiece;
    private int lostCount;

    CrashImage(
        final List<Operation> operations,
        final int count,
        final Survival survival,
        final boolean isSyncALie,
        final SplittableRandom random) {
        this.operations = operations;
        this.count = count;
        this.survival = survival;
        this.isSyncALie = isSyncALie;
        this.random = random;
        probability = random.nextDouble();
    }

    /** {@return how many sectors and name changes did not survive; after {@link #build}} */
    int lostCount() {
        return lostCount;
    }

    SimDisk build() throws IOException {
        for (int i = 0; i < count; i++) {
            final Operation operation = operations.get(i);
            if (operation.kind() == Kind.SYNC && !isSyncALie) {
                lastSyncs.put(operation.file(), i);
            } else if (operation.kind() == Kind.SYNC_DIRECTORY) {
                lastDirectorySync = i;
            }
        }
        pieceCount = countPieces();
        chosenPiece = pieceCount == 0 ? 0 : random.nextInt(pieceCount + (survival == Survival.FIRST_ONES ? 1 : 0));
        applyNames();
        for (int i = 0; i < count; i++) {
            apply(operations.get(i), i < lastSyncs.getOrDefault(operations.get(i).file(), -1));
        }
        final SimDisk disk = new SimDisk(0);
        for (final Map.Entry<String, Integer> name : names.entrySet()) {
            try (LogFile file = disk.open(name.getKey(), true)) {
                final ByteBuffer source = ByteBuffer.wrap(contents.getOrDefault(name.getValue(), new byte[0]));
                while (source.hasRemaining()) {
                    file.write(source, source.position());
                }
                file.sync();
            }
        }
        disk.syncDirectory();
        return disk;
    }

    private int countPieces() {
        int pieces = 0;
        for (int i = 0; i < count; i++) {
            final Operation operation = operations.get(i);
            if (operation.kind() == Kind.WRITE && i >= lastSyncs.getOrDefault(operation.file(), -1)) {
                final int end = operation.fileOffset() + operation.bytes().length;
                pieces += (end + SECTOR_LENGTH - 1) / SECTOR_LENGTH - operation.fileOffset() / SECTOR_LENGTH;
            }
        }
        return pieces;
    }

    private boolean survives() {
        final int piece = nextPiece++;
        final boolean isThere = switch (survival) {
            case NONE -> false;
            case ALL -> true;
            case ALL_BUT_ONE -> piece != chosenPiece;
            case ONLY_ONE -> piece == chosenPiece;
            case FIRST_ONES -> piece < chosenPiece;
            case EACH_ON_ITS_OWN, ANY_NAME_CHANGES -> random.nextDouble() < probability;
        };
        lostCount += isThere ? 0 : 1;
        return isThere;
    }

    private void applyNames() {
        int pending = 0;
        for (int i = Math.max(0, lastDirectorySync); i < count; i++) {
            pending += isNameChange(operations.get(i)) ? 1 : 0;
        }
        int surviving = switch (survival) {
            case NONE -> 0;
            case ALL, ALL_BUT_ONE, ANY_NAME_CHANGES -> pending;
            case ONLY_ONE, FIRST_ONES, EACH_ON_ITS_OWN -> random.nextInt(pending + 1);
        };
        for (int i = 0; i < count; i++) {
            final Operation operation = operations.get(i);
            if (isNameChange(operation)) {
                final boolean isDurable = i < lastDirectorySync;
                final boolean isThere = isDurable || surviving-- > 0
                    && (survival != Survival.ANY_NAME_CHANGES || random.nextDouble() < probability);
                if (isThere) {
                    change(operation);
                } else {
                    lostCount++;
                }
            }
        }
    }

    private static boolean isNameChange(final Operation operation) {
        return operation.kind() == Kind.CREATE || operation.kind() == Kind.RENAME || operation.kind() == Kind.DELETE;
    }

    private void change(final Operation operation) {
        switch (operation.kind()) {
            case CREATE -> names.put(operation.name(), operation.file());
            case RENAME -> {
                names.values().removeIf(file -> file == operation.file());
                names.put(operation.newName(), operation.file());
            }
            default -> names.remove(operation.name(), operation.file());
        }
    }

    private void apply(final Operation operation, final boolean isSynced) {
        if (operation.kind() == Kind.TRUNCATE) {
            if (isSynced || survives()) {
                contents.put(operation.file(), Arrays.copyOf(content(operation), operation.fileOffset()));
            }
        } else if (operation.kind() == Kind.WRITE) {
            final int end = operation.fileOffset() + operation.bytes().length;
            if (isSynced) {
                put(operation, operation.fileOffset(), end);
                return;
            }
            for (int at = operation.fileOffset(); at < end;) {
                final int pieceEnd = Math.min(end, (at / SECTOR_LENGTH + 1) * SECTOR_LENGTH);
                if (survives()) {
                    put(operation, at, pieceEnd);
                }
                at = pieceEnd;
            }
            if (survival != Survival.NONE && content(operation).length < end && random.nextBoolean()) {
                contents.put(operation.file(), Arrays.copyOf(content(operation), end)); // grown, but without its data
            }
        }
    }

    private byte[] content(final Operation operation) {
        return contents.getOrDefault(operation.file(), new byte[0]);
    }

    private void put(final Operation operation, final int from, final int to) {
        byte[] content = content(operation);
        if (content.length < to) {
            content = Arrays.copyOf(content, to);
            contents.put(operation.file(), content);
        }
        System.arraycopy(operation.bytes(), from - operation.fileOffset(), content, from, to - from);
    }
}
