"""Shows where a consumer group has got to."""
from kafka import KafkaAdminClient, KafkaConsumer

import settings

options = settings.parser(__doc__)
options.add_argument("group")
args = options.parse_args()

admin = KafkaAdminClient(bootstrap_servers=args.bootstrap_servers)
group = admin.describe_consumer_groups([args.group])[0]
print("group %s: %s, %d members" % (args.group, group.state, len(group.members)))
offsets = admin.list_consumer_group_offsets(args.group)
admin.close()

reader = KafkaConsumer(bootstrap_servers=args.bootstrap_servers)
ends = reader.end_offsets(list(offsets))
reader.close()
for partition in sorted(offsets):
    committed = offsets[partition].offset
    print("  %s partition %d: committed %d of %d, %d to go" % (
        partition.topic, partition.partition, committed, ends[partition], ends[partition] - committed))
