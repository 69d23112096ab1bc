"""Under which numerics the notebooks run, and when two printed texts count as the same.

The environment variable RNN_EDU_NUMERICS names the profile:

pinned    one thread and CPU kernels that x86-64 machines of every vendor share (the default)
stressed  two threads and older kernels: other roundings, so what prints must not hang on them
host      whatever this machine does of itself
K-N       N threads and the kernels K, such as oldest-1 (KERNELS names them)

Elsewhere than on x86-64 the kernels cannot be chosen, only the threads.
"""

from __future__ import annotations

import os
import platform
import re
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "RNN_EDU_NUMERICS"

# Seconds: for one cell to run, and for a kernel to start or to hand over an output.
CELL_TIMEOUT = 300
KERNEL_TIMEOUT = 60

_ALWAYS = {
    "RNN_EDU_STRICT": "1",  # a claim that fails raises
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONWARNINGS": "",
    # Neither the user's start-up files in the runs, nor the runs in the user's history.
    "IPYTHONDIR": str(ROOT / "build" / "ipython"),
}


# From those that every x86-64 machine has to whatever this machine has.
KERNELS = {
    "oldest": {
        "ATEN_CPU_CAPABILITY": "default",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Prescott",
    },
    "shared": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_CBWR": "COMPATIBLE",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "own": {},
}
# The other profiles' kernels, threads and PYTHONHASHSEED.
_NAMED = {"pinned": ("shared", "1", "0"), "stressed": ("oldest", "2", "7")}
_FREE = re.compile(rf"({'|'.join(KERNELS)})-(\d+)")


def environment(profile: str, machine: str | None = None) -> dict[str, str]:
    """The environment variables of a profile, for kernels that are started after it is set.

    machine: as `platform.machine()` names it; this one if None.
    Raises ValueError for an unknown profile.
    """
    if profile == "host":
        return dict(_ALWAYS)
    if free := _FREE.fullmatch(profile):
        kernels, threads, seed = *free.groups(), "7"
    elif profile in _NAMED:
        kernels, threads, seed = _NAMED[profile]
    else:
        known = ", ".join([*_NAMED, "host", *(f"{name}-N" for name in KERNELS)])
        raise ValueError(f"{VARIABLE} must be one of {known}, got {profile!r}")
    is_x86 = (machine or platform.machine()).lower() in ("x86_64", "amd64")
    libraries = {f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL")}
    return _ALWAYS | libraries | {"PYTHONHASHSEED": seed} | (KERNELS[kernels] if is_x86 else {})


def use_profile() -> str:
    """Put the profile that RNN_EDU_NUMERICS names into this process's environment.

    Kernels inherit it. Returns the profile's name.
    """
    profile = os.environ.get(VARIABLE, "pinned")
    variables = environment(profile)
    Path(variables["IPYTHONDIR"]).mkdir(parents=True, exist_ok=True)
    os.environ.update(variables)
    return profile


# A decimal number that stands alone, with the white space before it, which NumPy stretches to
# make room for signs. "x0.5", "1.2.3" and "12" are words: they must match to the letter.
_DECIMAL = re.compile(r"\s*(?<![\w.])([-+]?\d+\.\d+(?:[eE][-+]?\d+)?)(?!\w|\.\d)")


def same_text(a: str, b: str) -> bool:
    """Whether two printed texts agree.

    Decimal numbers may differ by one unit in the last printed digit, with as many digits after
    the point and any white space before them. Everything else must match to the letter,
    integers included. So the format decides how strict a check is: `.3f` asks for 0.001.
    """
    a_parts, b_parts = _DECIMAL.split(a), _DECIMAL.split(b)  # words, number, words, number, ...
    return a_parts[::2] == b_parts[::2] and all(map(_same_decimal, a_parts[1::2], b_parts[1::2]))


def _same_decimal(x: str, y: str) -> bool:
    unit = min(_last_digit(x), _last_digit(y))
    return _places(x) == _places(y) and abs(Decimal(x) - Decimal(y)) <= unit


def _places(x: str) -> int:
    """Digits after the point: 3 for "-1.250e-04"."""
    return len(x.lower().partition("e")[0].partition(".")[2])


def _last_digit(x: str) -> Decimal:
    """What one unit in the last digit is worth: 1e-7 for "-1.250e-04"."""
    return Decimal(1).scaleb(int(Decimal(x).as_tuple().exponent))
