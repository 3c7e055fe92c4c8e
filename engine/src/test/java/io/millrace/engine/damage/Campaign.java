package io.millrace.engine.damage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs cases on a few threads, in blocks, from where a state file says up to a count. Owned by the main thread. */
final class Campaign {
    private static final int FAILURE_LIMIT = 20;
    private static final int BLOCKS_PER_ROUND_AND_THREAD = 4;
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private final CampaignKind kind;
    private final long seed;
    private final int threadCount;
    private final CampaignState state;
    private final Consumer<String> console;
    private volatile boolean isStopped;

    /** What one thread found in one block. */
    private record Block(Map<String, Long> counts, TreeMap<Long, String> failures) {
    }

    Campaign(
        final CampaignKind kind,
        final long seed,
        final int threadCount,
        final CampaignState state,
        final Consumer<String> console) {
        this.kind = kind;
        this.seed = seed;
        this.threadCount = threadCount;
        this.state = state;
        this.console = console;
    }

    /** Lets {@link #run} end after the blocks under way; any thread. */
    void stop() {
        isStopped = true;
    }

    /** Runs until the count is reached, it is stopped, or too many cases failed. */
    void run(final long count) throws IOException, InterruptedException {
        final ExecutorService threads = Executors.newFixedThreadPool(threadCount, task -> {
            final Thread thread = new Thread(task, "campaign");
            thread.setDaemon(true);
            return thread;
        });
        try {
            final long startNs = System.nanoTime();
            final long first = state.next;
            long progressNs = startNs;
            while (state.next < count && !isStopped && state.failures.size() < FAILURE_LIMIT) {
                runRound(threads, count);
                final long nowNs = System.nanoTime();
                if (nowNs - progressNs >= PROGRESS_INTERVAL_NS || state.next == count) {
                    progressNs = nowNs;
                    console.accept(progress(count, first, nowNs - startNs));
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    private String progress(final long count, final long first, final long elapsedNs) {
        return kind.commandName() + " seed=" + seed + ": " + state.next + " of " + count + " cases, "
            + (state.next - first) * TimeUnit.SECONDS.toNanos(1) / Math.max(1, elapsedNs) + " per second, failures="
            + state.failures.size();
    }

    /** The state moves on only when every block of a round is done. */
    private void runRound(final ExecutorService threads, final long count) throws IOException, InterruptedException {
        final List<Future<Block>> blocks = new ArrayList<>();
        long from = state.next;
        for (int i = 0; i < threadCount * BLOCKS_PER_ROUND_AND_THREAD && from < count; i++) {
            final long blockFrom = from;
            // blocks end where samples end, so that each sample is made once
            final long blockTo = Math.min(count, (from / kind.blockLength() + 1) * kind.blockLength());
            blocks.add(threads.submit(() -> runBlock(blockFrom, blockTo)));
            from = blockTo;
        }
        for (final Future<Block> future : blocks) {
            try {
                final Block block = future.get();
                state.add(block.counts, block.failures, state.next);
                block.failures.forEach((index, problem) -> console.accept(
                    "FAILED " + kind.commandName() + " seed=" + seed + " case=" + index + ": " + problem
                        + "\n  again: ./millrace campaign " + kind.commandName() + " --seed " + seed + " --case "
                        + index));
            } catch (final ExecutionException ex) {
                throw new IllegalStateException("campaign broke off: " + ex.getCause(), ex);
            }
        }
        state.next = from;
        state.store();
    }

    private Block runBlock(final long from, final long to) {
        final Map<String, Long> counts = new HashMap<>();
        final TreeMap<Long, String> failures = new TreeMap<>();
        final DamageCases cases = kind.newCases();
        for (long i = from; i < to; i++) {
            try {
                counts.merge(cases.run(seed, i), 1L, Long::sum);
            } catch (final Exception | AssertionError ex) {
                failures.put(i, ex.toString());
            }
        }
        return new Block(counts, failures);
    }
}
