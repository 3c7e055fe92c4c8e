package io.millrace.broker.group;

/**
 * Who sent a request, for people.
 *
 * @param clientId as the client calls itself, may be empty
 * @param host     where it connects from
 */
public record GroupClient(String clientId, String host) {
}
