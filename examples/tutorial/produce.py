"""Sends user events: some producers at the same time, each to random partitions."""
import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer

import settings

ACTIONS = ["signed_up", "signed_in", "viewed", "bought", "signed_out"]

options = settings.parser(__doc__)
options.add_argument("topic")
options.add_argument("--producers", type=int, default=5)
options.add_argument("--messages", type=int, default=20, help="of each producer (default: %(default)s)")
args = options.parse_args()


def produce(name):
    # acks="all": a message counts as sent once all replicas that are in sync have it
    producer = KafkaProducer(bootstrap_servers=args.bootstrap_servers, acks="all", retries=5,
                             value_serializer=lambda event: json.dumps(event).encode())
    partitions = sorted(producer.partitions_for(args.topic))
    sent = []
    for number in range(1, args.messages + 1):
        event = {"producer": name, "number": number, "user": "user-%d" % random.randint(1, 50),
                 "action": random.choice(ACTIONS), "time": time.time()}
        sent.append(producer.send(args.topic, event, partition=random.choice(partitions)))
    places = [future.get(timeout=60) for future in sent]  # the broker's answers
    producer.close()
    counts = Counter(place.partition for place in places)
    return "%s: sent %d messages: %s" % (name, len(places), ", ".join(
        "%d to partition %d" % (counts[partition], partition) for partition in partitions))


with ThreadPoolExecutor(args.producers) as producers:
    for summary in producers.map(produce, ["producer-%d" % number for number in range(1, args.producers + 1)]):
        print(summary)
