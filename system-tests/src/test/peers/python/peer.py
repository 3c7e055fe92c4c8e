"""The conversation between the system tests and a client in Python; README.md beside this directory describes it."""
import json
import sys
import threading
import time
import traceback

DEADLINE_S = 120  # longer than librdkafka waits for one answer


class Unable(Exception):
    """The client cannot do it, whatever the broker."""


def say(**line):
    print(json.dumps(line), flush=True)


def serve(client, version, scenarios):
    """Answers orders until the input ends. scenarios: name -> [(case, function of a name)]."""
    say(client=client, version=version)
    while True:
        order = sys.stdin.readline().split()
        if not order:
            return
        for case, work in scenarios[order[0]]:
            try:
                work(order[1])
                say(case=case, result="passed")
            except Unable as ex:
                say(case=case, result="unable", why=str(ex))
            except Exception:
                say(case=case, result="failed", why=traceback.format_exc())
        say(end=order[0])


def ask_for_restart():
    """Returns an event that is set once the broker runs again."""
    done = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), done.set()), daemon=True).start()
    say(ask="restart")
    return done


def await_until(what, condition):
    """What the condition raises counts as not yet: brokers hear of changes one after the other."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        last = None
        try:
            if condition():
                return
        except Unable:
            raise
        except Exception as ex:
            last = ex
        if time.monotonic() > deadline:
            raise AssertionError("not within %d s: %s; %r" % (DEADLINE_S, what() if callable(what) else what, last))
        time.sleep(0.02)


def first_answer(what, ask):
    """Returns what ask() returns, asked again as long as it raises."""
    answers = []
    await_until(what, lambda: answers.append(ask()) or True)
    return answers[0]


def equal(expected, actual, what):
    if expected != actual:
        raise AssertionError("%s: expected %.300r, was %.300r" % (what, expected, actual))


class Member(threading.Thread):
    """One member of a group: reads, commits by hand, keeps what it read. A subclass brings the client."""

    def __init__(self, seen):
        super().__init__(daemon=True)
        self.seen = seen
        self.partitions = frozenset()
        self.error = None
        self.stopping = threading.Event()

    def run(self):
        try:
            self.open()
            while not self.stopping.is_set():
                self.seen.extend(self.read_and_commit())
                self.partitions = self.assigned()
            self.close()
        except Exception:
            self.error = traceback.format_exc()

    def stop(self):
        self.stopping.set()
        self.join(DEADLINE_S)
        if self.error or self.is_alive():
            raise AssertionError(self.error or "a member does not end")


def group_scenario(send, make_member):
    """send(list of values); make_member(list that gets values) -> Member of one group over three partitions."""
    seen = []

    def owners(*members):
        def settled():
            for member in members:
                if member.error:
                    raise AssertionError(member.error)
            sets = [member.partitions for member in members]
            return all(sets) and sum(map(len, sets)) == 3 and len(frozenset().union(*sets)) == 3
        await_until(lambda: "three partitions shared by all, was %s" % [m.partitions for m in members], settled)

    def send_and_await(first, count, *members):
        send(["value-%d" % i for i in range(first, first + count)])
        wanted = set("value-%d" % i for i in range(first + count))
        await_until(lambda: "%d values, missing %s; errors %s"
                    % (len(wanted), sorted(wanted - set(seen))[:5], [m.error for m in members]),
                    lambda: wanted <= set(seen))

    one, two = make_member(seen), make_member(seen)
    one.start()
    owners(one)
    send_and_await(0, 60, one)
    two.start()
    owners(one, two)
    send_and_await(60, 60, one, two)
    one.stop()
    owners(two)
    send_and_await(120, 60, two)
    two.stop()
    later = []
    three = make_member(later)
    send(["late-%d" % i for i in range(6)])
    three.start()
    await_until(lambda: "the late records, was %s; %s" % (later[:10], three.error),
                lambda: three.error or len(set(later)) >= 6)
    three.stop()
    equal(["late-%d" % i for i in range(6)], sorted(later), "what a later member reads")


def restart_scenario(send, make_member):
    """send(value) -> whether it was acknowledged."""
    seen = []
    acknowledged = []
    member = make_member(seen)
    member.start()
    number = 0

    def send_next():
        nonlocal number
        value = "value-%d" % number
        number += 1
        if send(value):
            acknowledged.append(value)

    for _ in range(20):
        send_next()
    done = ask_for_restart()
    while not done.is_set():
        send_next()
        time.sleep(0.02)
    for _ in range(20):
        send_next()
    await_until(lambda: "all that was acknowledged, missing %s; %s"
                % (sorted(set(acknowledged) - set(seen))[:5], member.error),
                lambda: member.error or set(acknowledged) <= set(seen))
    member.stop()
    if len(acknowledged) < 40:
        raise AssertionError("only %d of %d records were acknowledged" % (len(acknowledged), number))
