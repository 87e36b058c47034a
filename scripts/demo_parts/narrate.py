"""The demo's words: numbered steps, sentences, commands as they would be typed, and a sign of life while something takes long."""

import itertools
import os
import sys
import textwrap
import threading
import time
from contextlib import contextmanager

TERMINAL = sys.stdout.isatty()
COLOURS = TERMINAL and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
WIDTH = 110
# So that quick things leave no trace of having been waited for.
LONG = 0.4

steps = itertools.count(1)


class Trouble(Exception):
    """Something is not as it should be, in a plain sentence."""


def check(good, otherwise):
    if not good:
        raise Trouble(f"This is not as it should be: {otherwise}.")


def step(title):
    step.now = f"Step {next(steps)} ({title})"
    number = step.now.split()[1]
    print(f"\n{painted(1, f'{number}. {title}')}", flush=True)


step.now = "Getting ready"


def say(sentence, deeper=False):
    indent = "     " if deeper else "   "
    for line in sentence.splitlines():
        print(textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False), flush=True)


def shown(command):
    """A command that was just given, as a person would type it."""
    print(painted(36, f"   $ {command}"), flush=True)


def typed(command):
    """A command to be pasted: nothing before it, and never folded."""
    print(painted(36, f"     {command}"), flush=True)


def printed(text):
    """What a command printed, as it printed it."""
    for line in text.splitlines():
        print(f"   {line}", flush=True)


@contextmanager
def waiting(what):
    """Says what is being waited for, moves while it lasts where there is a terminal, and says how long it took."""
    began = time.monotonic()
    print(f"   {what} …", end="", flush=True)
    over = threading.Event()
    mover = threading.Thread(target=dots, args=(over,), daemon=True)
    if TERMINAL:
        mover.start()
    done = False
    try:
        yield
        done = True
    finally:
        over.set()
        if TERMINAL:
            mover.join()
        took = time.monotonic() - began
        print(f" {took:.1f} s" if done and took >= LONG else "", flush=True)


def dots(over):
    while not over.wait(1):
        print(".", end="", flush=True)


def painted(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOURS else text
