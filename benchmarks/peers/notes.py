"""What a peer's job does: note when it begins, wait, note when it ends. The file is the same for all of them."""

import os
import sys
import time


def note(word):
    """Append one line to the file PEER_NOTES: what, when, and in which process."""
    descriptor = os.open(os.environ["PEER_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{word} {time.time()} {os.getpid()}\n".encode())
    finally:
        os.close(descriptor)


def work(seconds):
    """A job that blocks its thread or process, as a call to a vendor would."""
    note("begin")
    if seconds:
        time.sleep(seconds)
    note("end")


def serve(submit):
    """Read `count seconds` lines, submit so many jobs, and answer with the time before the last commit."""
    for line in sys.stdin:
        count, seconds = line.split()
        print(submit(int(count), float(seconds)), flush=True)
