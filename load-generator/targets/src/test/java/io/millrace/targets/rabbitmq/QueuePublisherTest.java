package io.millrace.targets.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server of a few lines says hello and then what each test has it say. */
@Timeout(300)
class QueuePublisherTest implements PublishProtocol.Answers {
    private static final int CONNECTION = 10;
    private static final int CHANNEL = 20;

    private final List<String> heard = new ArrayList<>();
    private ServerSocket server;
    private Socket socket;
    private DataOutputStream out;
    private Thread thread;
    private QueuePublisher publisher;

    @BeforeEach
    void connect() throws IOException, InterruptedException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        thread = new Thread(this::hello, "fake-server");
        thread.start();
        publisher = new QueuePublisher(AmqpLink.connect(List.of(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()))), new String[] {"q-0"});
        thread.join();
    }

    @AfterEach
    void close() throws IOException {
        publisher.close();
        socket.close();
        server.close();
    }

    @Test
    void shouldAnswerEachRecordOnceWhenConfirmsComeInAnyOrderAndTogether() throws IOException {
        for (int slot = 0; slot < 5; slot++) {
            publish(slot);
        }
        confirm(AmqpLink.BASIC_ACK, 3, false);
        confirm(AmqpLink.BASIC_ACK, 2, true);
        confirm(AmqpLink.BASIC_NACK, 4, false);
        confirm(AmqpLink.BASIC_ACK, 5, true);
        pollUntil(5);
        assertEquals(List.of("acked 2", "acked 0", "acked 1", "failed 3 BASIC_NACK", "acked 4"), heard);
    }

    @Test
    void shouldNotTakeALateConfirmForTheNextRecordsWhenOneWasGivenUp() throws IOException {
        publish(7);
        assertTrue(publisher.forget(7));
        publish(7);
        confirm(AmqpLink.BASIC_ACK, 1, false);
        publish(8);
        confirm(AmqpLink.BASIC_ACK, 3, false);
        pollUntil(1);
        assertEquals(List.of("acked 8"), heard, "the first message was given up, the second has no answer yet");
        confirm(AmqpLink.BASIC_ACK, 2, false);
        pollUntil(2);
        assertEquals("acked 7", heard.get(1));
    }

    @Test
    void shouldTellAllApartWhenMoreIsInFlightThanEverBefore() throws IOException {
        final int count = 10_000;
        for (int slot = 0; slot < count; slot++) {
            publish(slot);
            publisher.poll(this);
        }
        confirm(AmqpLink.BASIC_ACK, count, true);
        pollUntil(count);
        assertEquals("acked 0", heard.get(0));
        assertEquals("acked " + (count - 1), heard.get(count - 1));
    }

    @Test
    void shouldBeLostWhenTheServerConfirmsWhatWasNotSentOrCloses() throws IOException {
        confirm(AmqpLink.BASIC_ACK, 9, false);
        assertTrue(assertThrows(Wire.WireException.class, () -> pollUntil(1)).getMessage().contains("not sent"));
        method(0, CONNECTION, 50, ByteBuffer.allocate(16).putShort((short) 320).put((byte) 3).put("bye".getBytes())
            .putInt(0));
        assertTrue(assertThrows(Wire.WireException.class, () -> pollUntil(1)).getMessage().contains("320 bye"));
    }

    @Override
    public void onAcked(final int slot) {
        heard.add("acked " + slot);
    }

    @Override
    public void onFailed(final int slot, final String error) {
        heard.add("failed " + slot + " " + error);
    }

    private void publish(final int slot) {
        publisher.publish(0, slot, ByteBuffer.allocate(40), 40);
    }

    private void pollUntil(final int count) {
        final long deadline = Wire.deadline(60);
        while (heard.size() < count && System.nanoTime() - deadline < 0) {
            publisher.poll(this);
            publisher.await(1_000_000);
        }
        assertEquals(count, heard.size());
    }

    private void confirm(final int method, final long tag, final boolean isMultiple) throws IOException {
        method(1, method >> 16, method & 0xFFFF,
            ByteBuffer.allocate(9).putLong(tag).put((byte) (isMultiple ? 1 : 0)));
    }

    private void hello() {
        try {
            socket = server.accept();
            out = new DataOutputStream(socket.getOutputStream());
            final DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readNBytes(8);
            method(0, CONNECTION, 10, ByteBuffer.allocate(0));
            skipFrame(in);
            method(0, CONNECTION, 30, ByteBuffer.allocate(8).putShort((short) 0).putInt(4096).putShort((short) 60));
            skipFrame(in);
            skipFrame(in);
            method(0, CONNECTION, 41, ByteBuffer.allocate(1));
            skipFrame(in);
            method(1, CHANNEL, 11, ByteBuffer.allocate(4));
            skipFrame(in);
            method(1, 85, 11, ByteBuffer.allocate(0));
        } catch (final IOException ex) {
            throw new IllegalStateException(ex);
        }
    }

    private static void skipFrame(final DataInputStream in) throws IOException {
        in.readNBytes(3);
        in.readNBytes(in.readInt() + 1);
    }

    private void method(final int channel, final int classId, final int methodId, final ByteBuffer arguments)
        throws IOException {
        out.writeByte(AmqpLink.METHOD);
        out.writeShort(channel);
        out.writeInt(4 + arguments.position());
        out.writeShort(classId);
        out.writeShort(methodId);
        out.write(arguments.array(), 0, arguments.position());
        out.writeByte(AmqpLink.FRAME_END);
        out.flush();
    }
}
