package io.millrace.engine.damage;

/** What a campaign does. Any thread. */
public interface CampaignWork {
    /** {@return its name, for its state and for people} */
    String commandName();

    /** {@return how many cases in a row share what is costly to make} */
    int blockLength();

    /** {@return cases for one thread} */
    DamageCases newCases();

    /**
     * {@return the command that repeats a case}
     *
     * @param seed  of the campaign
     * @param index of the case
     */
    String again(long seed, long index);
}
