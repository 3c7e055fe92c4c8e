package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What reading everything back showed; {@code verify.json}.
 *
 * @param checked     records read back and checked
 * @param lostAcked   acknowledged and not there: the one that must be zero under acks=all
 * @param lostUnacked sent, never acknowledged and not there
 * @param duplicates  records that came more than once
 * @param gaps        holes in a partition's sequence
 * @param reordered   records that came after a later one of the same producer and partition
 * @param corrupt     records with a checksum that does not hold
 */
public record Verification(
    long checked,
    @JsonProperty("lost_acked") long lostAcked,
    @JsonProperty("lost_unacked") long lostUnacked,
    long duplicates,
    long gaps,
    long reordered,
    long corrupt) {
    /** {@return true if nothing acknowledged was lost and nothing came twice, out of order or damaged} */
    @JsonIgnore
    public boolean isClean() {
        return lostAcked == 0 && duplicates == 0 && gaps == 0 && reordered == 0 && corrupt == 0;
    }
}
