#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""squat generate on a terminal: streamed text, colours by width, a conversation. Usage: generate_terminal_test.py SQUAT MODELS.
Exit 77 (skipped) where the system gives no pseudo-terminals."""
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

COLOUR = re.compile("\033\\[[0-9;]*m")


def check(condition, what):
    if not condition:
        sys.exit("FAILED: " + what)
    print("ok: " + what)


class Terminal:
    """squat with standard input and output on a pseudo-terminal, standard error on a pipe."""

    def __init__(self, arguments, environment=None):
        self.main, child = pty.openpty()
        variables = dict(os.environ, TERM="xterm")
        variables.pop("NO_COLOR", None)
        variables.update(environment or {})
        self.process = subprocess.Popen(arguments, stdin=child, stdout=child, stderr=subprocess.PIPE, env=variables, close_fds=True)
        os.close(child)
        self.out, self.err = b"", b""

    def pump(self, done, limit=60):
        """Reads until done() or the end of the program."""
        end = time.monotonic() + limit
        while time.monotonic() < end and not done():
            for source in select.select([self.main, self.process.stderr], [], [], 0.1)[0]:
                try:
                    data = os.read(source if source == self.main else source.fileno(), 65536)
                except OSError:  # the terminal is closed
                    return
                if source == self.main:
                    self.out += data
                else:
                    self.err += data
            if self.process.poll() is not None and not select.select([self.main, self.process.stderr], [], [], 0)[0]:
                return

    def type(self, text):
        """Types a line once squat asks for one, and waits for its answer and the next question."""
        asked = self.err.count(b"> ")
        os.write(self.main, text)
        self.pump(lambda: self.err.count(b"> ") > asked)

    def finish(self):
        self.pump(lambda: False, 60)
        self.process.wait(timeout=30)
        rest = self.process.stderr.read()
        os.close(self.main)
        return self.out.decode().replace("\r\n", "\n"), (self.err + rest).decode()


def main():
    squat, models = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "w4")
        subprocess.run([squat, "quantize", "--model", models + "/tales/fp32", "--calib", models + "/tales/calibration.txt", "--out", model,
                        "--activations", "mixed"], check=True, capture_output=True)
        ask = [squat, "generate", "--model", model, "--prompt", "There was once a King", "--tokens", "12"]
        plain = subprocess.run(ask + ["--format", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        known = json.loads(plain.stdout)
        check("".join(t["text"] for t in known["tokens"]).strip() == (known["prompt"] + known["text"]).strip(), "the tokens' texts are the text")
        check(known["tokens"][0]["eight_bit_layers"] == known["layers"], "token 0 has 8 bits in every layer")
        widths = [t["eight_bit_layers"] for t in known["tokens"]]
        check(widths[-1] is None and None not in widths[:-1], "every token but the last has a width")
        # All runs of a layer together: the share that the device counted.
        check(abs(sum(widths[:-1]) / (known["layers"] * (len(widths) - 1)) - known["eight_bit_share"]) < 1e-12, "widths add up to the share")

        streamed = subprocess.run(ask + ["--stream", "--colour", "widths"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        check(streamed.stdout.strip() == (known["prompt"] + known["text"]).strip(), "a pipe gets the text and no colours")
        check("tokens/s" in streamed.stderr and "measured on cpu" in streamed.stderr, "the speed is on standard error: " + streamed.stderr.strip())

        try:
            for descriptor in pty.openpty():
                os.close(descriptor)
        except OSError as error:  # a root directory without /dev/pts
            print("skipped: %s" % error)
            sys.exit(77)
        out, err = Terminal(ask).finish()
        check(out.strip() == streamed.stdout.strip() and "tokens/s" in err, "a terminal gets the same text")
        out, _ = Terminal(ask + ["--colour", "widths"]).finish()
        check(COLOUR.sub("", out).strip() == streamed.stdout.strip(), "colours change nothing else")
        check({"\033[36m", "\033[33m"} <= set(COLOUR.findall(out)), "both widths are seen")
        for quiet in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            out, _ = Terminal(ask + ["--colour", "widths"], quiet).finish()
            check(not COLOUR.search(out), "no colours with %s" % quiet)

        talk = Terminal([squat, "generate", "--model", model, "--tokens", "4"])
        talk.pump(lambda: b"> " in talk.err)
        talk.type(b"There was once a King\n")
        talk.type(b"\n")
        talk.type(b"/clear\n")
        talk.type(b"There was once a King\n")
        talk.type(b"word " * 600 + b"\n")
        os.write(talk.main, b"\x04")
        out, err = talk.finish()
        # What the terminal echoes is typed text; the answers of the first eight tokens are the known continuation.
        eight = subprocess.run(ask[:-1] + ["8", "--format", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        four = subprocess.run(ask[:-1] + ["4", "--format", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        first, both = json.loads(four.stdout)["text"], json.loads(eight.stdout)["text"]
        answers = [line for line in out.split("\n") if line and not line.startswith(("There was", "/clear", "word"))]
        check("".join(answers[:2]) == both, "an empty line continues: %r" % answers)
        check(answers[2] == first, "/clear forgets: %r" % answers)
        check("are left of the context" in err, "a line that does not fit is refused, and the conversation goes on")
        check(talk.process.returncode == 0, "an end of file ends with 0")
        refused = subprocess.run(ask[:4] + ["--tokens", "4"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        check(refused.returncode == 2 and "--prompt is required" in refused.stderr, "without a terminal --prompt is required")
        refused = subprocess.run(ask + ["--stream", "--format", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        check(refused.returncode == 2 and not refused.stdout, "--stream and json do not go together")


if __name__ == "__main__":
    main()
