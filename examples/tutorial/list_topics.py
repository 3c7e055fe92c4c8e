"""Lists the topics of the cluster."""
from kafka import KafkaAdminClient

import settings

args = settings.parser(__doc__).parse_args()

admin = KafkaAdminClient(bootstrap_servers=args.bootstrap_servers)
topics = sorted(topic for topic in admin.list_topics() if not topic.startswith("__"))
print("topics: %s" % (", ".join(topics) or "none"))
admin.close()
