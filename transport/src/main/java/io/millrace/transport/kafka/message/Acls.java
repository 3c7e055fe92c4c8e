package io.millrace.transport.kafka.message;

/** DescribeAcls, CreateAcls and DeleteAcls, versions 1 to 3; there are none, each is refused alike. */
public final class Acls {
    /** What a client asks: one filter, so many ACLs to create, or so many filters. */
    public record Request(int count) {
    }

    /** The answer, the same to everything that was asked. */
    public record Response(int count, short errorCode, String errorMessage) {
    }

    private Acls() {
    }
}
