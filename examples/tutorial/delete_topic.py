"""Deletes a topic."""
from kafka import KafkaAdminClient

import settings

options = settings.parser(__doc__)
options.add_argument("topic")
args = options.parse_args()

admin = KafkaAdminClient(bootstrap_servers=args.bootstrap_servers)
admin.delete_topics([args.topic])
print("deleted topic %s" % args.topic)
admin.close()
