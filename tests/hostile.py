"""Cells that a student may hand in, by mistake or not, and what each may earn.

Each stands between a right `rnn_step` and a right `two`, unless it defines one of them itself.
{victim} is the path of a file outside that it would like to read or change.
"""

from typing import NamedTuple

RIGHT = """import numpy as np
def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)
def two():
    return 2
"""
STEP = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    "
BOTH, TWO, NONE = {"rnn_step", "two"}, {"two"}, set()


class Cell(NamedTuple):
    """A cell, the checks whose points it leaves, and words that the reason must hold."""

    name: str
    source: str
    earned: set[str]
    said: str = ""


CELLS = [
    Cell("perfect", "", BOTH),
    Cell("no bias", STEP + "return np.tanh(x_t @ W_xh + h_prev @ W_hh)", TWO, "values are wrong"),
    Cell("endless loop in the function", STEP + "while True: pass", TWO, "took longer than"),
    Cell("endless loop at top level", "while True: pass", BOTH),
    Cell("ends Python in the function", STEP + "import os; os._exit(0)", TWO, "ended Python"),
    Cell("ends Python at top level", "import os\nos._exit(0)", BOTH),
    Cell("sys.exit at top level", "import sys\nsys.exit(0)", BOTH),
    Cell("segfault", STEP + "import ctypes; ctypes.string_at(0)", TWO, "(signal 11)"),
    Cell("abort", STEP + "import os; os.abort()", TWO, "(signal 6)"),
    Cell(
        "recursion without end",
        "import sys\nsys.setrecursionlimit(10**9)\n" + STEP + "return rnn_step(*[0] * 5)",
        TWO,
        "your code",
    ),
    Cell("prints 100 MB", "for _ in range(100): print('x' * 10**6)", BOTH),
    Cell("allocates 6 GB", STEP + "return bytearray(6 << 30)", TWO, "MemoryError"),
    Cell("allocates bit by bit", STEP + "a = [bytes(9)]\n    while True: a += a", TWO, "your code"),
    Cell("reads a file outside", STEP + "return open(VICTIM).read()", TWO, "FileNotFoundError"),
    Cell("writes a file outside", STEP + "open(VICTIM, 'w')", TWO, "No such file"),
    Cell(
        "writes wherever it can",
        """import os
for folder, _, _ in os.walk('/'):
    try:
        open(folder + '/gradebook.db', 'w').write('x')
        if not folder.startswith('/tmp'):
            two = None
    except OSError:
        pass
""",
        BOTH,
    ),
    Cell(
        "a link out of the job",
        "import os\nos.symlink(VICTIM, '/tmp/link')\n" + STEP + "open('/tmp/link', 'a')",
        TWO,
        "FileNotFoundError",
    ),
    Cell("closes all files", "import os\nos.closerange(3, 999)", BOTH),
    Cell("sleeps the limit out", STEP + "import time; time.sleep(10**6)", TWO, "took longer than"),
    Cell(
        "swallows the limit",
        STEP + "while True:\n        try: pass\n        except BaseException: pass",
        TWO,
        "your code",
    ),
    Cell(
        "ignores every signal",
        """import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
""",
        BOTH,
    ),
    Cell(
        "turns the clock off",
        "import signal, time\ntime.monotonic = time.time = lambda: 0\n"
        + STEP
        + "signal.setitimer(signal.ITIMER_REAL, 0); signal.setitimer(signal.ITIMER_PROF, 0)\n"
        + "    while True: pass",
        TWO,
        "did not end in time",
    ),
    Cell(
        "guesses the seed",
        "np.random.default_rng = lambda *a: np.random.Generator(np.random.PCG64(0))\n"
        + STEP
        + "return np.random.default_rng(0).normal(size=(len(x_t), len(b_h)))",
        TWO,
        "values are wrong",
    ),
    Cell(
        "raises its own limits",
        "import resource\n" + STEP + "resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))",
        TWO,
        "ValueError",
    ),
    Cell("fork bomb", "import os\nwhile True: os.fork()", BOTH),
    Cell("leaves a process", STEP + "import os; os.fork()", TWO, "Operation not permitted"),
    Cell("starts a program", STEP + "import subprocess; subprocess.run(['ls'])", TWO, "permitted"),
    Cell(
        "becomes another program",
        STEP + "import os, sys; os.execv(sys.executable, ['python', '-c', ''])",
        TWO,
        "your code",
    ),
    Cell(
        "leaves threads",
        "import threading, time\n"
        "for _ in range(20): threading.Thread(target=time.sleep, args=(10**6,)).start()",
        BOTH,
    ),
    Cell(
        "threads without end",
        STEP + "import threading, time\n"
        "    while True: threading.Thread(target=time.sleep, args=(10**6,)).start()",
        TWO,
        "can't start new thread",
    ),
    Cell(
        "kills what it can reach",
        "import os\nfor pid in [1, -1, os.getppid()]:\n"
        "    try: os.kill(pid, 9)\n    except OSError: pass",
        BOTH,
    ),
    Cell(
        "waits for the end to write",
        "import atexit, os\natexit.register(os.write, 3, b'x')\n"
        "class Last:\n    def __del__(self): os._exit(7)\nlast = Last()",
        BOTH,
    ),
    Cell(
        "fills the disk",
        "for i in range(99):\n    open(f'/tmp/{i}', 'wb').write(bytes(15 << 20))",
        BOTH,
    ),
    Cell("files without end", "i = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'w')", BOTH),
    Cell(
        "network",
        STEP + "import socket; socket.create_connection(('1.1.1.1', 53), 1)",
        TWO,
        "OSError",
    ),
    Cell("asks the teacher", STEP + "input('the answer?')", TWO, "EOFError"),
    Cell(
        "an error with a face of its own",
        "class Odd(Exception):\n    def __str__(self): raise self\n" + STEP + "raise Odd",
        TWO,
        "stopped with Odd",
    ),
    Cell(
        "an error with colours and markup",
        STEP
        + "raise ValueError('\\x1b[31m<script>alert(1)</script>' + chr(10) * 99 + 'x' * 10**7)",
        TWO,
        "stopped with ValueError",
    ),
    Cell("no Python", "def rnn_step(:", BOTH),
    Cell("half a letter", "'\ud800'", BOTH),
    Cell("a null byte", "x = '\0'", BOTH),
    Cell("a bracket too many", "(" * 10**5, BOTH),
    Cell("IPython's own lines", "%matplotlib inline\n!rm -rf /\nif True:\n    %time x = 1", BOTH),
    Cell("another language", "%%bash\nrm -rf /", BOTH),
    Cell("deletes the other answer", "del two", {"rnn_step"}, "there is no two"),
    Cell("not written", STEP + "raise NotImplementedError", TWO, "not written yet"),
]
