package io.millrace.engine.damage;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs cases on a few threads, in blocks, from where a state file says up to a count. Owned by the main thread. */
public final class Campaign {
    private static final int FAILURE_LIMIT = 20;
    private static final int BLOCKS_PER_ROUND_AND_THREAD = 4;
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private final CampaignWork work;
    private final long seed;
    private final int threadCount;
    private final CampaignState state;
    private final Consumer<String> console;
    private volatile boolean isStopped;

    /** What one thread found in one block. */
    private record Block(Map<String, Long> counts, TreeMap<Long, String> failures) {
    }

    /**
     * Goes on with a campaign where its state says, until the count is reached or the process is told to end; tells how
     * it went.
     *
     * @param work        to do
     * @param seed        decides every case
     * @param count       of cases in all, those of earlier runs included
     * @param threadCount to run them on
     * @param directory   of the state
     * @param out         hears of it
     * @return whether no case failed
     * @throws IOException          when the state cannot be read or written
     * @throws InterruptedException when the thread is interrupted
     */
    public static boolean goOn(final CampaignWork work, final long seed, final long count, final int threadCount,
        final Path directory, final PrintStream out) throws IOException, InterruptedException {
        final CampaignState state = CampaignState.load(directory, work.commandName(), seed);
        if (state.next > 0) {
            out.println(work.commandName() + " seed=" + seed + ": goes on at case " + state.next + ", state in "
                + state.file());
        }
        final Campaign campaign = new Campaign(work, seed, threadCount, state, out::println);
        final CountDownLatch ended = new CountDownLatch(1);
        final Thread hook = new Thread(() -> {
            campaign.stop();
            try {
                ended.await(5, TimeUnit.SECONDS); // the blocks under way; what they found is kept
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
            out.println("stopped at case " + state.next + "; the same command goes on there");
        }, "campaign-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            campaign.run(count);
        } finally {
            ended.countDown();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException ex) {
            return false; // being shut down: the hook says the rest
        }
        state.summarize(out);
        return state.failures.isEmpty();
    }

    Campaign(        final CampaignWork work,
        final long seed,
        final int threadCount,
        final CampaignState state,
        final Consumer<String> console) {
        this.work = work;
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
        return work.commandName() + " seed=" + seed + ": " + state.next + " of " + count + " cases, "
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
            final long blockTo = Math.min(count, (from / work.blockLength() + 1) * work.blockLength());
            blocks.add(threads.submit(() -> runBlock(blockFrom, blockTo)));
            from = blockTo;
        }
        for (final Future<Block> future : blocks) {
            try {
                final Block block = future.get();
                state.add(block.counts, block.failures, state.next);
                block.failures.forEach((index, problem) -> console.accept(
                    "FAILED " + work.commandName() + " seed=" + seed + " case=" + index + ": " + problem
                        + "\n  again: " + work.again(seed, index)));
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
        final DamageCases cases = work.newCases();
        for (long i = from; i < to; i++) {
            try {
                counts.merge(cases.run(seed, i), 1L, Long::sum);
            } catch (final Exception | AssertionError ex) {
                failures.put(i, ex.toString());
            }
        }
        cases.observed().forEach((what, times) -> counts.merge(what, times, Long::sum));
        return new Block(counts, failures);
    }
}
