package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.cluster.AdmissionRules.Decision;
import io.millrace.broker.metadata.cluster.AdmissionRules.Said;
import io.millrace.broker.metadata.cluster.AdmissionRules.Verdict;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AdmissionRulesTest {
    private static final UUID OWN = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);
    private static final int HASH = 7;

    @Test
    void shouldBeginAClusterOnlyWhenAMajorityIsNewAndNobodyKnowsOne() {
        assertEquals(Verdict.WAIT, asMember(null, null).verdict());
        assertEquals(Verdict.ADMIT, asMember(null, null, said(1, null)).verdict());
        assertEquals(Verdict.WAIT, asMember(null, null, said(1, null), said(2, OTHER)).verdict());
        assertEquals(Verdict.ADMIT,
            AdmissionRules.decide(1, new Said(0, HASH, null), null, HASH, List.of(), false).verdict());
    }

    @Test
    void shouldTakePartWhenAMajorityHasTheSameCluster() {
        assertEquals(Verdict.WAIT, asMember(OWN, OWN).verdict());
        assertEquals(Verdict.ADMIT, asMember(OWN, OWN, said(2, OWN)).verdict());
        assertEquals(Verdict.ADMIT, asMember(OWN, OWN, said(1, null), said(2, OWN)).verdict());
        assertEquals(Verdict.ADMIT, asMember(null, null, said(1, OWN), said(2, OWN)).verdict(), "an empty directory");
        assertEquals(Verdict.WAIT, asMember(null, null, said(1, OWN)).verdict(),
            "what was decided may be with the third alone");
        assertEquals(Verdict.ADMIT, asMember(OWN, null, said(1, OWN), said(2, OWN)).verdict(), "its log was lost");
    }

    @Test
    void shouldRefuseForeignDataAndSayWhose() {
        final Decision decision = asMember(OTHER, OTHER, said(1, OWN), said(2, OWN));
        assertEquals(Verdict.REFUSE, decision.verdict());
        assertTrue(decision.reason().contains(OWN.toString()) && decision.reason().contains(OTHER.toString())
            && decision.reason().contains("log.dirs"), decision.reason());
        assertEquals(Verdict.REFUSE, asMember(OTHER, null, said(1, OWN), said(2, OWN)).verdict());
        assertEquals(Verdict.DOUBT, asMember(OTHER, OTHER, said(1, null), said(2, null)).verdict());
        assertEquals(Verdict.ADMIT, asMember(OWN, OWN, said(1, OTHER), said(2, OWN)).verdict(),
            "one that is foreign stops nobody");
    }

    @Test
    void shouldRefuseAnotherListOfControllersWhenTheMajorityHasIt() {
        final Decision decision = asMember(OWN, OWN, new Said(1, 8, OWN), new Said(2, 8, OWN));
        assertEquals(Verdict.REFUSE, decision.verdict());
        assertTrue(decision.reason().contains("millrace.cluster.controllers"), decision.reason());
        assertEquals(Verdict.ADMIT, asMember(OWN, OWN, new Said(1, 8, OWN), said(2, OWN)).verdict());
    }

    @Test
    void shouldLetAClientInWhenTheControllersHaveItsCluster() {
        assertEquals(Verdict.WAIT, asClient(null, said(0, null), said(1, null), said(2, null)).verdict());
        assertEquals(Verdict.ADMIT, asClient(null, said(0, OWN), said(2, OWN)).verdict());
        assertEquals(Verdict.ADMIT, asClient(OWN, said(0, OWN), said(2, OWN)).verdict());
        assertEquals(Verdict.REFUSE, asClient(OTHER, said(0, OWN), said(2, OWN)).verdict());
    }

    @Test
    void shouldHearEverybodyOrWaitAWhileBeforeAClusterBegins() {
        final Said self = new Said(0, HASH, null);
        assertEquals(Verdict.WAIT,
            AdmissionRules.decide(3, self, null, HASH, List.of(said(1, null)), false).verdict());
        assertEquals(Verdict.ADMIT,
            AdmissionRules.decide(3, self, null, HASH, List.of(said(1, null), said(2, null)), false).verdict());
    }

    private static Said said(final int memberId, final UUID logId) {
        return new Said(memberId, HASH, logId);
    }

    private static Decision asMember(final UUID expectedId, final UUID logId, final Said... heard) {
        return AdmissionRules.decide(3, new Said(0, HASH, logId), expectedId, HASH, List.of(heard), true);
    }

    private static Decision asClient(final UUID expectedId, final Said... heard) {
        return AdmissionRules.decide(3, null, expectedId, HASH, List.of(heard), true);
    }
}
