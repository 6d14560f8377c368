"""Runs a Python file as `python FILE ARGUMENTS…` does, and kills it and what it started when standard input closes."""

import os
import runpy
import signal
import sys
import threading

parent = os.dup(0)
# The file itself gets an empty standard input.
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def end_with_parent() -> None:
    os.read(parent, 1)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
