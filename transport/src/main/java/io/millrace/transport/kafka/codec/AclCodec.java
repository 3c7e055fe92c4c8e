package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.Acls;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;

/** ACLs: all that is asked of them is refused alike. Stateless, any thread. */
public final class AclCodec {
    private AclCodec() {
    }

    /**
     * {@return a decoded DescribeAcls request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static Acls.Request decodeDescribeAcls(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        ColdMessages.decode(new DescribeAclsRequestData(), version, buffer, index, length);
        return new Acls.Request(1);
    }

    /**
     * {@return a decoded CreateAcls request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static Acls.Request decodeCreateAcls(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        return new Acls.Request(ColdMessages.decode(
            new CreateAclsRequestData(), version, buffer, index, length).creations().size());
    }

    /**
     * {@return a decoded DeleteAcls request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static Acls.Request decodeDeleteAcls(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        return new Acls.Request(ColdMessages.decode(
            new DeleteAclsRequestData(), version, buffer, index, length).filters().size());
    }

    /**
     * {@return end index of an encoded DescribeAcls response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encodeDescribeAcls(
        final int version, final Acls.Response response, final ReplyTarget target) {
        return ColdMessages.write(new DescribeAclsResponseData()
            .setErrorCode(response.errorCode()).setErrorMessage(response.errorMessage()), version, target);
    }

    /**
     * {@return end index of an encoded CreateAcls response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encodeCreateAcls(
        final int version, final Acls.Response response, final ReplyTarget target) {
        final CreateAclsResponseData data = new CreateAclsResponseData();
        for (int i = 0; i < response.count(); i++) {
            data.results().add(new CreateAclsResponseData.AclCreationResult()
                .setErrorCode(response.errorCode()).setErrorMessage(response.errorMessage()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded DeleteAcls response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encodeDeleteAcls(
        final int version, final Acls.Response response, final ReplyTarget target) {
        final DeleteAclsResponseData data = new DeleteAclsResponseData();
        for (int i = 0; i < response.count(); i++) {
            data.filterResults().add(new DeleteAclsResponseData.DeleteAclsFilterResult()
                .setErrorCode(response.errorCode()).setErrorMessage(response.errorMessage()));
        }
        return ColdMessages.write(data, version, target);
    }
}
