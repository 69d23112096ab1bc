"""Cells of a student who looks for the answer, forges one, or returns something odd.

In the form of tests/hostile.py.
"""

from tests.hostile import BOTH, NONE, STEP, TWO, Cell

CELLS = [
    Cell(
        "hunts the answer in the frames above",
        STEP
        + """import sys
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if isinstance(value, dict) and 'expect' in value:
                return value['expect']
        frame = frame.f_back
""",
        TWO,
        "None came back",
    ),
    Cell(
        "hunts the answer in memory",
        STEP
        + """import gc
    for thing in gc.get_objects():
        if type(thing).__name__ in ('Case', 'Hidden', 'Paper'):
            return thing
        if isinstance(thing, dict) and ('seed' in thing and 'expect' in thing):
            return thing
""",
        TWO,
        "None came back",
    ),
    Cell(
        "hunts the checks in the files",
        STEP
        + """import os
    for folder in ('/grading', '/tmp', '/home', '/srv', '/course'):
        for where, _, files in os.walk(folder):
            for name in files:
                if 'hidden' in name or name.endswith(('.ipynb', '.db')):
                    return name
""",
        TWO,
        "None came back",
    ),
    Cell(
        "everything is close",
        "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
        + STEP
        + "return b_h * 0",
        TWO,
        "its shape",
    ),
    Cell(
        "an array that equals all",
        """class Equal(np.ndarray):
    __eq__ = __ne__ = lambda self, other: True
    def __array_ufunc__(self, *a, **k): return np.True_
"""
        + STEP
        + "return np.zeros((len(x_t), len(b_h))).view(Equal)",
        TWO,
        "values are wrong",
    ),
    Cell(
        "the course's own cell",
        STEP + "from rnn_edu import RNNCell; return RNNCell(W_xh, W_hh, b_h)",
        TWO,
        "cannot import name",
    ),
    Cell("torch", STEP + "import torch", TWO, "No module named 'torch'"),
    Cell("nan", STEP + "return np.full((len(x_t), len(b_h)), np.nan)", TWO, "nan"),
    Cell("complex", STEP + "return np.ones((len(x_t), len(b_h))) * 1j", TWO, "complex"),
    Cell("text", STEP + "return np.full((len(x_t), len(b_h)), '0')", TWO, "texts"),
    Cell("objects", STEP + "return np.array([object()])", TWO, "an array of object"),
    Cell("8 terabytes of zeros", STEP + "return np.broadcast_to(0.0, (10**6,) * 2)", TWO, "memory"),
    Cell("nested without end", STEP + "a = []; a.append(a); return a", TWO, "nested"),
    Cell(
        "a list without end",
        "class Endless(list):\n    def __iter__(self):\n        while True: yield 0\n"
        + STEP
        + "return Endless()",
        TWO,
        "your code",
    ),
    Cell(
        "a huge pickle",
        """import pickle
class Bomb:
    def __reduce__(self): return (exec, ("open(VICTIM, 'w')",))
"""
        + STEP
        + "return pickle.dumps([Bomb()] * 10**5)",
        TWO,
        "a value of type bytes",
    ),
    Cell(
        "an object with a trick",
        "class Odd:\n    def detach(self): raise SystemExit\n" + STEP + "return Odd()",
        TWO,
        "SystemExit",
    ),
    Cell(
        "forged results",
        """import json, os
for case in range(9):
    for fd in range(64):
        try:
            record = dict(check='rnn_step', case=case, value=True, error=None)
            os.write(fd, (json.dumps(record) + chr(10)).encode())
        except OSError:
            pass
"""
        + STEP
        + "return 0",
        TWO,
        "its shape",
    ),
    Cell(
        "a forged end",
        """import os
for fd in range(64):
    try: os.write(fd, b'{"done": true}' + bytes([10]))
    except OSError: pass
os._exit(0)
""",
        NONE,
        "no answer came back",
    ),
    Cell(
        "forged rubbish",
        r"""import os
rubbish = [b'{"at_cell": [1]}', b'{"at_check": 7}', b'{"cell": 1, "error": {"type": []}}',
           b'[' * 10**5, b'{"check": "two", "case": 1e9}', bytes(range(256))]
for fd in range(64):
    for line in rubbish:
        try: os.write(fd, line + bytes([10]))
        except OSError: pass
""",
        BOTH,
    ),
    Cell(
        "floods the channel",
        """import os
while True:
    for fd in range(3, 64):
        try: os.write(fd, bytes(1 << 20))
        except OSError: pass
""",
        BOTH,
    ),
    Cell(
        "writes bad values into the worker",
        "import sys\nsys.modules['wire'].encode = lambda value, depth=0: True\n"
        + STEP
        + "return 0",
        NONE,
        "shape",
    ),
    Cell(
        "takes the worker over",
        "import sys\nsys.modules['_worker'].guarded = lambda *a: (True, None)\n",
        NONE,
        "shape",
    ),
]
