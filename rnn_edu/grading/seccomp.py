"""A seccomp filter: inside the sandbox nothing starts or enters a process or a namespace.

One process then is all there is: its limits on memory and time are the limits of the whole
submission, also for root, whom RLIMIT_NPROC does not bind; a fork bomb fails at its first fork, and
nothing can be left behind. Threads stay allowed.
Source: seccomp(2); the program is classic BPF over `struct seccomp_data`, linux/seccomp.h.
"""

from __future__ import annotations

import errno
import platform
import struct

LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER, ARCH, FLAGS = 0, 4, 16  # offsets in seccomp_data; FLAGS: the first argument of clone
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
CLONE_THREAD = 0x00010000
X32 = 0x40000000  # x86-64 numbers from here on are a second way to the same calls

# The calls, beside clone and clone3, that make, enter or take over a process or a namespace.
X86_64 = {"fork": 57, "vfork": 58, "unshare": 272, "setns": 308, "ptrace": 101, "vm_writev": 311}
AARCH64 = {"unshare": 97, "setns": 268, "ptrace": 117, "vm_writev": 271}
# machine: (AUDIT_ARCH, clone, clone3, the others)
CALLS = {
    "x86_64": (0xC000003E, 56, 435, X86_64),
    "aarch64": (0xC00000B7, 220, 435, AARCH64),
}


def program(machine: str | None = None) -> bytes:
    """The filter for a processor (this one by default), as `bwrap --seccomp` reads it.

    Raises NotImplementedError for a processor whose call numbers are not in CALLS.
    """
    machine = machine or platform.machine()
    if machine not in CALLS:
        raise NotImplementedError(f"no table of system calls for the processor {machine}")
    arch, clone, clone3, others = CALLS[machine]
    refuse = FAIL | errno.EPERM
    steps = [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, arch),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, refuse),
        # The flags of clone3 lie behind a pointer: say that it does not exist, libc then clones.
        (EQUAL, 0, 1, clone3),
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
    ]
    for number in others.values():
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, refuse)]
    steps += [
        (EQUAL, 1, 0, clone),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, FLAGS),
        (ANY_BIT, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, refuse),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
