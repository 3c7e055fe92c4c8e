"""librdkafka through confluent-kafka, as Debian ships them."""
import hashlib
import os
import sys
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

import peer

BOOTSTRAP = {"bootstrap.servers": sys.argv[1]}
REPLICATION = int(os.environ.get("PEER_REPLICATION", "3"))


def send_all(records, **more):
    """records: dicts of arguments of produce; returns what came back for each."""
    producer = Producer({**BOOTSTRAP, **{key.replace("_", "."): value for key, value in more.items()}})
    answers = []

    def answered(error, message):
        if error:
            print("send: %s" % error, file=sys.stderr)
        else:
            answers.append(message)
    for record in records:
        producer.produce(on_delivery=answered, **record)
    peer.equal(0, producer.flush(peer.DEADLINE_S), "records without an answer")
    peer.equal(len(records), len(answers), "acknowledged records")
    return answers


def make_reader(topic, partitions):
    reader = Consumer({**BOOTSTRAP, "group.id": topic + "-reader", "enable.auto.commit": False,
                       "auto.offset.reset": "earliest"})
    reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    return reader


def poll_until(reader, count):
    records = []

    def enough():
        for message in reader.consume(num_messages=100, timeout=0.2):
            if message.error():
                raise KafkaException(message.error())
            records.append(message)
        return len(records) >= count
    peer.await_until(lambda: "%d records, was %d" % (count, len(records)), enough)
    return records


def read(topic, partitions, count):
    reader = make_reader(topic, partitions)
    records = poll_until(reader, count)
    reader.close()
    peer.equal(count, len(records), "records")
    return records


def basic(name):
    sent = [{"topic": name, "key": b"key-%d" % (i % 10), "value": b"value-%d" % i, "headers": [("number", b"%d" % i)]}
            for i in range(100)]
    answers = send_all(sent)
    for partition in range(3):
        offsets = [answer.offset() for answer in answers if answer.partition() == partition]
        peer.equal(list(range(len(offsets))), sorted(offsets), "offsets of partition %d" % partition)
    records = read(name, range(3), 100)
    peer.equal(sorted((r["key"], r["value"], r["headers"]) for r in sent),
               sorted((r.key(), r.value(), r.headers()) for r in records), "what came back")


def codec(number, codec_name):
    def work(name):
        values = [b"value-%d-" % i + b"abc" * 300 for i in range(50)]
        send_all([{"topic": name, "partition": number, "value": value} for value in values],
                 compression_type=codec_name, linger_ms=50)
        peer.equal(values, [record.value() for record in read(name, [number], 50)], "what came back")
    return work


def large(name):
    values = [os.urandom(900 * 1024) for _ in range(3)]
    send_all([{"topic": name, "partition": 0, "value": value} for value in values])
    peer.equal([hashlib.sha256(value).hexdigest() for value in values],
               [hashlib.sha256(record.value()).hexdigest() for record in read(name, [0], 3)], "what came back")


def positions(name):
    start = int(time.time() * 1000) - 100_000
    send_all([{"topic": name, "partition": 0, "value": b"value-%d" % i, "timestamp": start + 1000 * i}
              for i in range(10)], linger_ms=50)
    reader = make_reader(name, [0])

    def at(time_ms):
        return reader.offsets_for_times([TopicPartition(name, 0, time_ms)], timeout=peer.DEADLINE_S)[0].offset
    peer.equal(5, at(start + 4500), "the first record from 4.5 s on")
    peer.equal(confluent_kafka.OFFSET_END, at(start + 9001), "a time after the last record")
    peer.equal((0, 10), reader.get_watermark_offsets(TopicPartition(name, 0)), "beginning and end")
    peer.equal(10, len(poll_until(reader, 10)), "records")
    reader.seek(TopicPartition(name, 0, 7))
    peer.equal([7, 8, 9], [record.offset() for record in poll_until(reader, 3)], "after a seek")
    reader.pause([TopicPartition(name, 0)])
    reader.seek(TopicPartition(name, 0, 2))
    peer.equal([], reader.consume(num_messages=1, timeout=0.5), "while paused")
    reader.resume([TopicPartition(name, 0)])
    peer.equal(8, len(poll_until(reader, 8)), "once resumed")
    reader.close()


class Member(peer.Member):
    def __init__(self, topic, seen):
        super().__init__(seen)
        self.topic = topic
        self.consumer = None

    def open(self):
        self.consumer = Consumer({**BOOTSTRAP, "group.id": self.topic + "-group", "enable.auto.commit": False,
                                  "auto.offset.reset": "earliest", "heartbeat.interval.ms": 300,
                                  "session.timeout.ms": 10000})
        self.consumer.subscribe([self.topic])

    def read_and_commit(self):
        values = []
        for message in self.consumer.consume(num_messages=100, timeout=0.1):
            if not message.error():
                values.append(message.value().decode())
            else:
                print("consume: %s" % message.error(), file=sys.stderr)
        if values:
            try:
                self.consumer.commit(asynchronous=False)
            except KafkaException as ex:  # a rebalance came first, or a broker is gone: the records come again
                print("commit: %s" % ex, file=sys.stderr)
        return values

    def assigned(self):
        return frozenset(partition.partition for partition in self.consumer.assignment())

    def close(self):
        self.consumer.close()


def groups(name):
    def send(values):
        send_all([{"topic": name, "partition": i % 3, "value": value.encode()} for i, value in enumerate(values)])
    peer.group_scenario(send, lambda seen: Member(name, seen))


def restart(name):
    producer = Producer({**BOOTSTRAP, "enable.idempotence": True})

    def send(value):
        answers = []
        producer.produce(name, value.encode(), on_delivery=lambda error, message: answers.append(error))
        peer.equal(0, producer.flush(peer.DEADLINE_S), "records without an answer")
        if answers[0]:
            print("send: %s" % answers[0], file=sys.stderr)
        return answers[0] is None
    peer.restart_scenario(send, lambda seen: Member(name, seen))


def done(futures):
    for future in futures.values():
        future.result(peer.DEADLINE_S)
    return [future.result() for future in futures.values()]


def with_admin(work):
    return lambda name: work(AdminClient(BOOTSTRAP), name)


def described(admin, topic):
    return admin.list_topics(topic, timeout=peer.DEADLINE_S).topics[topic].partitions.values()


def topics(admin, name):
    topic = name + "-made"
    done(admin.create_topics([NewTopic(topic, 3, REPLICATION)]))
    peer.await_until("listed", lambda: topic in admin.list_topics(timeout=peer.DEADLINE_S).topics)
    peer.await_until("replicas",
                     lambda: [REPLICATION] * 3 == [len(part.replicas) for part in described(admin, topic)])
    done(admin.delete_topics([topic]))
    peer.await_until("deletion", lambda: topic not in admin.list_topics(timeout=peer.DEADLINE_S).topics)
    try:
        done(admin.delete_topics([topic]))
        raise AssertionError("the topic was deleted twice")
    except KafkaException as ex:
        peer.equal(KafkaError.UNKNOWN_TOPIC_OR_PART, ex.args[0].code(), "error of a second deletion")


def partitions(admin, name):
    topic = name + "-grown"
    done(admin.create_topics([NewTopic(topic, 2, REPLICATION)]))
    done(admin.create_partitions([NewPartitions(topic, 4)]))
    peer.await_until("four partitions", lambda: len(described(admin, topic)) == 4)
    answer = peer.first_answer("a record in the new partition", lambda: send_all(
        [{"topic": topic, "partition": 3, "value": b"to the new one"}])[0])
    peer.equal((3, 0), (answer.partition(), answer.offset()), "place of the first record")


def config_of(admin, topic, key):
    entries = done(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))[0]
    return entries[key].value


def configs(admin, name):
    topic = name + "-configured"
    done(admin.create_topics([NewTopic(topic, 1, REPLICATION, config={"retention.ms": "3600000"})]))
    peer.await_until("retention.ms as created", lambda: config_of(admin, topic, "retention.ms") == "3600000")
    done(admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, {"retention.ms": "7200000"})]))
    peer.await_until("retention.ms as altered", lambda: config_of(admin, topic, "retention.ms") == "7200000")


def admin_groups(admin, name):
    member = Member(name, [])
    member.start()
    peer.await_until(lambda: "an assignment; %s" % member.error, lambda: member.partitions)
    group = admin.list_groups(name + "-group", timeout=peer.DEADLINE_S)[0]
    peer.equal(("Stable", 1), (group.state, len(group.members)), "state and members")
    peer.equal(True, name + "-group" in [listed.id for listed in admin.list_groups(timeout=peer.DEADLINE_S)], "listed")
    member.stop()


peer.serve("confluent-kafka", "%s (librdkafka %s)" % (confluent_kafka.version()[0], confluent_kafka.libversion()[0]), {
    "basic": [("yes", basic)],
    "codecs": [(codec_name, codec(number, codec_name))
               for number, codec_name in enumerate(["none", "gzip", "snappy", "lz4", "zstd"])],
    "large": [("yes", large)],
    "positions": [("yes", positions)],
    "groups": [("classic", groups)],
    "admin": [("topics", with_admin(topics)), ("partitions", with_admin(partitions)),
              ("configs", with_admin(configs)), ("groups", with_admin(admin_groups))],
    "restart": [("yes", restart)],
})
