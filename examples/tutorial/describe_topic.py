"""Shows the partitions of a topic: who leads, who has a replica, which replicas are in sync."""
from kafka import KafkaAdminClient

import settings

options = settings.parser(__doc__)
options.add_argument("topic")
args = options.parse_args()

admin = KafkaAdminClient(bootstrap_servers=args.bootstrap_servers)
for topic in admin.describe_topics([args.topic]):
    print("topic %s" % topic["topic"])
    for partition in sorted(topic["partitions"], key=lambda one: one["partition"]):
        print("  partition %d: leader %d, replicas %s, in sync %s" % (
            partition["partition"], partition["leader"], sorted(partition["replicas"]), sorted(partition["isr"])))
admin.close()
