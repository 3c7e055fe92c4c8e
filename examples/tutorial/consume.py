"""Reads a topic as one member of a consumer group, until no message has come for a while.

Members of the same group share the partitions of the topic (a queue); each group for itself gets every message
(publish and subscribe). Where a group has got to is kept in the cluster, as committed offsets.
"""
import json
import time
from collections import Counter

from kafka import ConsumerRebalanceListener, KafkaConsumer

import settings

options = settings.parser(__doc__.splitlines()[0])
options.add_argument("topic")
options.add_argument("--group", required=True)
options.add_argument("--name", required=True, help="of this consumer, for what it prints")
options.add_argument("--commit", choices=["auto", "manual"], default="auto")
options.add_argument("--show", type=int, default=3, help="messages to print in full (default: %(default)s)")
options.add_argument("--wait", type=float, default=60, help="seconds for the first message (default: %(default)s)")
options.add_argument("--idle", type=float, default=5, help="seconds for a further one (default: %(default)s)")
args = options.parse_args()


def say(text):
    print("%s: %s" % (args.name, text), flush=True)


class Tell(ConsumerRebalanceListener):
    """Is told by the consumer when the group shares the partitions out anew."""

    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        say("has partitions %s" % sorted(partition.partition for partition in assigned))


consumer = KafkaConsumer(
    bootstrap_servers=args.bootstrap_servers,
    group_id=args.group,
    auto_offset_reset="earliest",  # where a group begins that has not committed anything
    enable_auto_commit=args.commit == "auto",
    auto_commit_interval_ms=1000,
    heartbeat_interval_ms=500,  # learns of new members within half a second
    value_deserializer=lambda value: json.loads(value.decode()))
if not consumer.partitions_for_topic(args.topic):
    raise SystemExit("there is no topic %s" % args.topic)
consumer.subscribe([args.topic], listener=Tell())

counts = Counter()
deadline = time.monotonic() + args.wait
while time.monotonic() < deadline:
    for partition, messages in consumer.poll(timeout_ms=200).items():
        for message in messages:
            if sum(counts.values()) < args.show:
                say("partition %d offset %d: %s %s" % (
                    message.partition, message.offset, message.value["user"], message.value["action"]))
            counts[message.partition] += 1
        deadline = time.monotonic() + args.idle
        if args.commit == "manual":
            consumer.commit()  # after the messages were dealt with: after a crash they come again, none is left out
consumer.close()  # with automatic commits this commits once more, then leaves the group

say("read %d messages: %s" % (sum(counts.values()), ", ".join(
    "%d from partition %d" % (count, partition) for partition, count in sorted(counts.items())) or "none"))
