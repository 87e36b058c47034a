"""The programs of the demo's house: the command line as one person uses it, the hub, the camera, and how they are found and stopped."""

import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .narrate import Trouble, printed, shown

REPOSITORY = Path(__file__).resolve().parents[2]
# A test shows it in a folder of its own.
DEMO = Path(os.environ.get("PORCHLIGHT_DEMO") or REPOSITORY / "demo")
PATIENCE = 60  # seconds


class Porchlight:
    """The command line, as one person of the household uses it: each with a session of their own."""

    def __init__(self, program, person, hub=None, state=None):
        self.program = program
        self.person = person
        self.hub = hub
        self.state = state or DEMO / f"state-of-{person.lower()}"
        self.passphrase = None

    def run(self, *command, typed=None, patience=PATIENCE):
        """What the command answers, one object for each line."""
        return [json.loads(line) for line in self.answer("--json", *command, typed=typed, patience=patience).splitlines()]

    def show(self, *command, as_shown=None, typed=None, lines=None):
        """Shows a command and what it prints; with `lines`, only the lines that it picks."""
        shown(as_shown or f"porchlight {as_typed(command)}")
        answer = self.answer(*command, typed=typed)
        printed("\n".join(filter(lines, answer.splitlines())))

    def open(self, recording):
        return self.started("open", recording, "--out", "-").stdout

    def refused(self, *command):
        """The reason why a command is refused. That it is not refused would be trouble."""
        done = self.started(*command, may_fail=True)
        if done.returncode == 0:
            raise Trouble(f"`porchlight {as_typed(command)}` should have been refused, and was not.")
        reason = done.stderr.decode().strip().removeprefix("porchlight: ").removeprefix("Error: ")
        return reason[:1].upper() + reason[1:].rstrip(".") + "."

    def sign_in(self, keys):
        files = keys / self.person.lower()
        # For what a session alone must not do.
        self.passphrase = f"{files}-passphrase.txt"
        self.answer("sign-in", "--name", self.person, "--passphrase-file", f"{files}-passphrase.txt", "--totp-secret-file", f"{files}-totp.txt", patience=90)

    def write_wrapper(self):
        """A command of its own for the demo, so that a session elsewhere on this computer is left alone."""
        wrapper = DEMO / "porchlight"
        wrapper.write_text(
            f"#!/bin/sh\n# Porchlight, signed in to the demo's hub as {self.person}.\n"
            f"export PORCHLIGHT_HUB={self.hub} XDG_STATE_HOME={shlex.quote(str(self.state))}\n"
            f'exec {shlex.quote(str(self.program))} "$@"\n',
            encoding="utf-8",
        )
        wrapper.chmod(0o755)
        return wrapper

    def answer(self, *command, **how):
        return self.started(*command, **how).stdout.decode()

    def let_in(self, newcomer, keys, *files):
        """Lets somebody in who was added: a code here, the newcomer comes with it, and both see the same numbers, which this gives."""
        inviting = self.begun("person", "invite", newcomer.person)
        code = said_by(inviting)["code"]
        # By standard input: on the line others who use the computer would see it.
        joining = newcomer.begun("join", "-", *files)
        print(code, file=joining.stdin, flush=True)
        theirs, ours = said_by(joining)["numbers"], said_by(inviting)["numbers"]
        if ours != theirs:
            raise Trouble(f"{self.person} sees {ours} and {newcomer.person} {theirs}.")
        for one, typed in ((inviting, "y\n"), (joining, "")):
            _, why = one.communicate(typed, timeout=PATIENCE)
            if one.returncode != 0:
                raise Trouble(f"{newcomer.person} was not let in: {why.strip()}")
        newcomer.passphrase = f"{keys / newcomer.person.lower()}-passphrase.txt"
        return code, " ".join(ours)

    def begun(self, *command):
        """A command that says something before it is at its end."""
        words = [str(self.program), "--json", *map(str, command)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(words, env=self.environment(), text=True, **pipes)

    def environment(self):
        environment = {**os.environ, "XDG_STATE_HOME": str(self.state)}
        environment.pop("PORCHLIGHT_HUB", None)
        environment.pop("PORCHLIGHT_DATA", None)
        environment.pop("PORCHLIGHT_PASSPHRASE_FILE", None)
        environment.pop("PORCHLIGHT_TOTP_SECRET_FILE", None)
        if self.passphrase:
            environment["PORCHLIGHT_PASSPHRASE_FILE"] = self.passphrase
        if self.hub:
            environment["PORCHLIGHT_HUB"] = self.hub
        return environment

    def started(self, *command, typed=None, patience=PATIENCE, may_fail=False):
        environment = self.environment()
        words = [str(self.program), *map(str, command)]
        given = {"input": typed.encode()} if typed else {"stdin": subprocess.DEVNULL}
        try:
            done = subprocess.run(words, capture_output=True, env=environment, timeout=patience, check=False, **given)
        except subprocess.TimeoutExpired:
            raise Trouble(f"`porchlight {as_typed(command)}` did not end within {patience} seconds.") from None
        if done.returncode != 0 and not may_fail:
            raise Trouble(f"`porchlight {as_typed(command)}` said: {done.stderr.decode().strip()}")
        return done


def said_by(begun):
    """The next that a command says which was begun."""
    line = begun.stdout.readline()
    if not line:
        raise Trouble(begun.stderr.read().strip())
    return json.loads(line)


class Program:
    """Something that goes on running when the demo has ended. Its id is in DEMO/NAME.pid, what it says in DEMO/NAME.log."""

    def __init__(self, name):
        self.pid_file = DEMO / f"{name}.pid"
        self.log = DEMO / f"{name}.log"
        self.process = None

    def launch(self, command, ready, environment=None):
        """Starts it, and gives what the pattern finds in what it says."""
        with open(self.log, "ab") as log:
            begin = log.tell()
            # In a session of its own, so that it outlives the terminal.
            self.process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=DEMO, start_new_session=True, env=environment
            )
        self.pid_file.write_text(f"{self.process.pid}\n", encoding="utf-8")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            said = self.log.read_bytes()[begin:].decode(errors="replace")
            if found := re.search(ready, said):
                return found[1]
            if self.process.poll() is not None:
                raise Trouble(f"{command[0]} ended at once. It said: {said.strip()}")
            time.sleep(0.05)
        raise Trouble(f"{command[0]} was not ready after {PATIENCE} seconds; see {self.log}.")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Trouble(f"Process {self.process.pid} did not stop within 20 seconds; see {self.log}.") from None
        self.pid_file.unlink(missing_ok=True)


class Hub(Program):
    """A hub, started again at the address where it was."""

    PORT = 8420

    def __init__(self, program, data, strongbox):
        super().__init__("hub")
        self.data = data
        self.strongbox = strongbox
        self.serve = [program, "serve", "--data", data, "--strongbox", strongbox]
        self.address = None

    def start(self):
        listen = self.address or f"http://127.0.0.1:{self.PORT if is_free(self.PORT) else 0}"
        self.address = self.launch([*self.serve, "--listen", listen.removeprefix("http://")], r"listens at (http://[0-9.:]+)\n")

    def kill(self):
        """Ends it as a power cut would; gives its process id."""
        self.stop(signal.SIGKILL)
        return self.process.pid


class Camera(Program):
    """The stand-in camera, with a user and a password. Its film is encoded into the demo's folder."""

    def __init__(self, film):
        super().__init__("camera")
        self.film = film
        self.password = secrets.token_hex(8)
        self.address = None

    def start(self):
        script = REPOSITORY / "tests/stand-in-camera/stand-in-camera.py"
        wish = ["--size", "768x432", "--minutes", "30", "--path", "porch", "--user", "porch", "--password", self.password]
        command = ["/usr/bin/python3", script, *([self.film] if self.film else []), *wish]
        self.address = self.launch(command, r"(rtsp://\S+)\n", {**os.environ, "TMPDIR": str(DEMO)})

    def address_with_password(self):
        return self.address.replace("rtsp://", f"rtsp://porch:{self.password}@")


def as_typed(command):
    """A command's words as a person would type them."""
    needs_quotes = re.compile(r"[^\w@%+=:,./-]")
    return " ".join(f'"{word}"' if needs_quotes.search(word) else word for word in map(str, command))


def stop_everything():
    """Stops what a demo left running, and only that; gives a sentence about it, or nothing."""
    stopped = [what for what, name in (("the hub", "hub"), ("the camera", "camera")) if stop_left_running(DEMO / f"{name}.pid")]
    return f"{' and '.join(stopped)} {'were' if len(stopped) > 1 else 'was'} stopped.".capitalize() if stopped else ""


def stop_left_running(pid_file):
    try:
        pid = int(pid_file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    # The number may be somebody else's by now: what is ours runs in the demo's folder.
    if not is_ours(pid):
        pid_file.unlink(missing_ok=True)
        return False
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 20
    while is_ours(pid):
        if time.monotonic() > until:
            print(f"Process {pid} does not stop by itself, so it is killed.", file=sys.stderr)
            os.kill(pid, signal.SIGKILL)
            until += 20
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    return True


def is_ours(pid):
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == DEMO
    except OSError:
        return False


def is_free(port):
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
