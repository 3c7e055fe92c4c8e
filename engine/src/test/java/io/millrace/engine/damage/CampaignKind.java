package io.millrace.engine.damage;

import java.util.function.Supplier;

/** The campaigns, by the name that a user types. */
enum CampaignKind implements CampaignWork {
    TORN_TAILS("torn-tails", TornTails.CASES_PER_SAMPLE, TornTails::new),
    BIT_FLIPS("bit-flips", BitFlips.CASES_PER_SAMPLE, BitFlips::new),
    CRASH_STATES("crash-states", CrashStates.CASES_PER_TRACE, CrashStates::new);

    private final String commandName;
    private final int blockLength;
    private final Supplier<DamageCases> cases;

    CampaignKind(final String commandName, final int blockLength, final Supplier<DamageCases> cases) {
        this.commandName = commandName;
        this.blockLength = blockLength;
        this.cases = cases;
    }

    @Override
    public String commandName() {
        return commandName;
    }

    @Override
    public int blockLength() {
        return blockLength;
    }

    @Override
    public DamageCases newCases() {
        return cases.get();
    }

    @Override
    public String again(final long seed, final long index) {
        return "./millrace campaign " + commandName + " --seed " + seed + " --case " + index;
    }

    /** {@return the campaign of this name, null when there is none} */
    static CampaignKind parse(final String name) {
        for (final CampaignKind kind : values()) {
            if (kind.commandName.equals(name)) {
                return kind;
            }
        }
        return null;
    }
}
