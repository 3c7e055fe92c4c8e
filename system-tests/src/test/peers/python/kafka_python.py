"""kafka-python, as Debian ships it."""
import hashlib
import os
import sys
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

import peer

BOOTSTRAP = sys.argv[1].split(",")
REPLICATION = int(os.environ.get("PEER_REPLICATION", "3"))


def make_producer(**more):
    return KafkaProducer(bootstrap_servers=BOOTSTRAP, **{"acks": "all", "retries": 20, **more})


def send_all(records, **more):
    """records: dicts of arguments of send; returns the answers."""
    producer = make_producer(**more)
    futures = [producer.send(**record) for record in records]
    answers = [future.get(peer.DEADLINE_S) for future in futures]
    producer.close()
    return answers


def make_reader(topic, partitions):
    reader = KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=None, enable_auto_commit=False,
                           auto_offset_reset="earliest")
    reader.assign([TopicPartition(topic, partition) for partition in partitions])
    reader.seek_to_beginning()
    return reader


def poll_until(reader, count):
    records = []

    def enough():
        for batch in reader.poll(timeout_ms=200).values():
            records.extend(batch)
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
        offsets = [answer.offset for answer in answers if answer.partition == partition]
        peer.equal(list(range(len(offsets))), sorted(offsets), "offsets of partition %d" % partition)
    records = read(name, range(3), 100)
    peer.equal(sorted((r["key"], r["value"], r["headers"]) for r in sent),
               sorted((r.key, r.value, r.headers) for r in records), "what came back")


def codec(number, codec_name):
    def work(name):
        values = [b"value-%d-" % i + b"abc" * 300 for i in range(50)]
        send_all([{"topic": name, "partition": number, "value": value} for value in values],
                 compression_type=codec_name, linger_ms=50)
        peer.equal(values, [record.value for record in read(name, [number], 50)], "what came back")
    return work


def large(name):
    values = [os.urandom(900 * 1024) for _ in range(3)]
    send_all([{"topic": name, "partition": 0, "value": value} for value in values])
    peer.equal([hashlib.sha256(value).hexdigest() for value in values],
               [hashlib.sha256(record.value).hexdigest() for record in read(name, [0], 3)], "what came back")


def positions(name):
    start = int(time.time() * 1000) - 100_000
    send_all([{"topic": name, "partition": 0, "value": b"value-%d" % i, "timestamp_ms": start + 1000 * i}
              for i in range(10)], linger_ms=50)
    where = TopicPartition(name, 0)
    reader = make_reader(name, [0])
    found = reader.offsets_for_times({where: start + 4500})[where]
    peer.equal((5, start + 5000), (found.offset, found.timestamp), "the first record from 4.5 s on")
    peer.equal(None, reader.offsets_for_times({where: start + 9001})[where], "a time after the last record")
    peer.equal({where: 0}, reader.beginning_offsets([where]), "beginning")
    peer.equal({where: 10}, reader.end_offsets([where]), "end")
    reader.seek(where, 7)
    peer.equal([7, 8, 9], [record.offset for record in poll_until(reader, 3)], "after a seek")
    reader.seek(where, 2)
    reader.pause(where)
    peer.equal({}, reader.poll(timeout_ms=500), "while paused")
    reader.resume(where)
    peer.equal(8, len(poll_until(reader, 8)), "once resumed")
    reader.close()


class Member(peer.Member):
    def __init__(self, topic, seen):
        super().__init__(seen)
        self.topic = topic
        self.consumer = None

    def open(self):
        self.consumer = KafkaConsumer(self.topic, bootstrap_servers=BOOTSTRAP, group_id=self.topic + "-group",
                                      auto_offset_reset="earliest", enable_auto_commit=False,
                                      heartbeat_interval_ms=300, metadata_max_age_ms=5000)

    def read_and_commit(self):
        values = [record.value.decode() for batch in self.consumer.poll(timeout_ms=100).values() for record in batch]
        if values:
            try:
                self.consumer.commit()
            except KafkaError as ex:  # a rebalance came first, or a broker is gone: the records come again
                print("commit: %r" % ex, file=sys.stderr)
        return values

    def assigned(self):
        return frozenset(partition.partition for partition in self.consumer.assignment())

    def close(self):
        self.consumer.close(autocommit=False)


def groups(name):
    def send(values):
        send_all([{"topic": name, "partition": i % 3, "value": value.encode()} for i, value in enumerate(values)])
    peer.group_scenario(send, lambda seen: Member(name, seen))


def restart(name):
    producer = make_producer(metadata_max_age_ms=5000)

    def send(value):
        try:
            producer.send(name, value.encode()).get(peer.DEADLINE_S)
            return True
        except KafkaError as ex:
            print("send: %r" % ex, file=sys.stderr)
            return False
    peer.restart_scenario(send, lambda seen: Member(name, seen))
    producer.close()


def with_admin(work):
    def run(name):
        admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
        try:
            work(admin, name)
        finally:
            admin.close()
    return run


def topics(admin, name):
    topic = name + "-made"
    admin.create_topics([NewTopic(topic, 3, REPLICATION)])
    peer.await_until("listed", lambda: topic in admin.list_topics())
    peer.await_until("replicas", lambda: [REPLICATION] * 3 == [
        len(part["replicas"]) for part in admin.describe_topics([topic])[0]["partitions"]])
    admin.delete_topics([topic])
    peer.await_until("deletion", lambda: topic not in admin.list_topics())
    try:
        admin.delete_topics([topic])
        raise AssertionError("the topic was deleted twice")
    except UnknownTopicOrPartitionError:
        pass


def partitions(admin, name):
    topic = name + "-grown"
    admin.create_topics([NewTopic(topic, 2, REPLICATION)])
    admin.create_partitions({topic: NewPartitions(4)})
    peer.await_until("four partitions", lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 4)
    answer = peer.first_answer("a record in the new partition", lambda: send_all(
        [{"topic": topic, "partition": 3, "value": b"to the new one"}])[0])
    peer.equal((3, 0), (answer.partition, answer.offset), "place of the first record")


def config_of(admin, topic, key):
    answers = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return [entry[1] for answer in answers for resource in answer.resources for entry in resource[4]
            if entry[0] == key]


def configs(admin, name):
    topic = name + "-configured"
    admin.create_topics([NewTopic(topic, 1, REPLICATION, topic_configs={"retention.ms": "3600000"})])
    peer.await_until("retention.ms as created", lambda: config_of(admin, topic, "retention.ms") == ["3600000"])
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "7200000"})])
    peer.await_until("retention.ms as altered", lambda: config_of(admin, topic, "retention.ms") == ["7200000"])


def admin_groups(admin, name):
    group = name + "-group"
    member = Member(name, [])
    member.start()
    peer.await_until(lambda: "an assignment; %s" % member.error, lambda: member.partitions)
    send_all([{"topic": name, "partition": 0, "value": b"one"}])
    peer.await_until("the record", lambda: member.seen)
    peer.equal(True, (group, "consumer") in admin.list_consumer_groups(), "listed")
    description = admin.describe_consumer_groups([group])[0]
    peer.equal(("Stable", 1), (description.state, len(description.members)), "state and members")
    member.stop()
    offsets = admin.list_consumer_group_offsets(group)
    peer.equal(1, offsets[TopicPartition(name, 0)].offset, "offset")
    answer = admin.delete_consumer_groups([group])
    peer.equal([(group, "NoError")], [(deleted, error.__name__) for deleted, error in answer], "deletion")
    peer.equal(False, (group, "consumer") in admin.list_consumer_groups(), "listed after deletion")


peer.serve("kafka-python", kafka.__version__, {
    "basic": [("yes", basic)],
    "codecs": [(codec_name or "none", codec(number, codec_name))
               for number, codec_name in enumerate([None, "gzip", "snappy", "lz4", "zstd"])],
    "large": [("yes", large)],
    "positions": [("yes", positions)],
    "groups": [("classic", groups)],
    "admin": [("topics", with_admin(topics)), ("partitions", with_admin(partitions)),
              ("configs", with_admin(configs)), ("groups", with_admin(admin_groups))],
    "restart": [("yes", restart)],
})
