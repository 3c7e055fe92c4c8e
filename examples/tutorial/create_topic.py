"""Creates a topic."""
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

import settings

options = settings.parser(__doc__)
options.add_argument("topic")
options.add_argument("--partitions", type=int, default=3)
options.add_argument("--replication-factor", type=int, default=3)
args = options.parse_args()

admin = KafkaAdminClient(bootstrap_servers=args.bootstrap_servers)
admin.create_topics([NewTopic(args.topic, args.partitions, args.replication_factor)])
print("created topic %s with %d partitions, %d replicas each" % (args.topic, args.partitions, args.replication_factor))
admin.close()
