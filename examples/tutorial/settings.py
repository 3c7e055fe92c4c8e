"""Where the brokers are: BOOTSTRAP_SERVERS in the environment, or --bootstrap-servers."""
import argparse
import os

DEFAULT = "localhost:9092,localhost:9093,localhost:9094"


def parser(what_for):
    options = argparse.ArgumentParser(description=what_for)
    options.add_argument("--bootstrap-servers", default=os.environ.get("BOOTSTRAP_SERVERS", DEFAULT),
                         type=lambda text: text.split(","), metavar="HOST:PORT,...",
                         help="some brokers of the cluster (default: %(default)s)")
    return options
