"""Runs a program under the restrictions of our unit that the kernel can put on a process, without systemd:
`python -m tests.sandbox sms-gateway run`.

The unit is read, its sets of system calls are looked up with systemd-analyze, and libseccomp makes the
filters: SystemCallFilter=, MemoryDenyWriteExecute=, RestrictAddressFamilies=, RestrictNamespaces= and
NoNewPrivileges=, with the errors systemd uses. Nothing of it can be taken off again, by the program or its
children. What systemd does by mounts (ProtectSystem=, ProcSubset=, devices) is not here.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import sys
from collections.abc import Iterable, Iterator

from tests.unit_file import tool, value, values

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO (seccomp.h)
_EQUAL, _MASKED_EQUAL = 4, 7  # SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ
_UNKNOWN = -1
_SHM_EXEC = 0o100000
_CLONE_NEW = 0x7E020000  # every CLONE_NEW* flag of clone(2) but CLONE_NEWTIME


class _Compare(ctypes.Structure):
    """`struct scmp_arg_cmp`."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class Filter:
    """One seccomp filter in the making; `default` is what is done with calls no rule is for."""

    def __init__(self, default: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(default)))

    def rule(self, action: int, call: str, *compares: _Compare) -> None:
        """What is done with a call, where its arguments are such. A call this machine has not is left out."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number == _UNKNOWN:
            return
        array = (_Compare * len(compares))(*compares)
        told = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, ctypes.c_uint(len(compares)), array
        )
        if told not in (0, -errno.EDOM):  # a call of another machine, such as arm_fadvise64_64
            raise OSError(-told, f"no rule for {call}")

    def load(self) -> None:
        """From now on, for this process and all it starts; sets no_new_privs too."""
        if told := self._library.seccomp_load(self._context):
            raise OSError(-told, "the filter was not taken")
        self._library.seccomp_release(self._context)


def members(name: str) -> set[str]:
    """The calls of one of systemd's sets, sets in it followed; a call by itself is its own."""
    if not name.startswith("@"):
        return {name}
    lines = tool("systemd-analyze", "syscall-filter", name).stdout.splitlines()
    inside = (line.strip() for line in lines if line.startswith(" "))
    return {call for one in inside if not one.startswith("#") for call in members(one)}


def allowed(lines: Iterable[str]) -> set[str]:
    """The calls that lines of SystemCallFilter= leave: the first allows, "~" takes away."""
    calls: set[str] = set()
    for line in lines:
        named = {call for name in line.removeprefix("~").split() for call in members(name)}
        calls = calls - named if line.startswith("~") else calls | named
    return calls | members("@default")


def system_calls() -> Filter:
    """SystemCallFilter= and SystemCallErrorNumber=."""
    made = Filter(_refuse(value("SystemCallErrorNumber")))
    for call in sorted(allowed(values("SystemCallFilter"))):
        made.rule(_ALLOW, call)
    return made


def memory() -> Filter:
    """MemoryDenyWriteExecute=: nothing that can be written is run (systemd.exec(5))."""
    assert value("MemoryDenyWriteExecute") == "yes"
    both = mmap.PROT_WRITE | mmap.PROT_EXEC
    made = Filter(_ALLOW)
    made.rule(_refuse("EPERM"), "mmap", _Compare(2, _MASKED_EQUAL, both, both))
    for call in ("mprotect", "pkey_mprotect"):
        made.rule(_refuse("EPERM"), call, _Compare(2, _MASKED_EQUAL, mmap.PROT_EXEC, mmap.PROT_EXEC))
    made.rule(_refuse("EPERM"), "shmat", _Compare(2, _MASKED_EQUAL, _SHM_EXEC, _SHM_EXEC))
    return made


def families() -> Filter:
    """RestrictAddressFamilies=."""
    may = {getattr(socket, name) for name in value("RestrictAddressFamilies").split()}
    made = Filter(_ALLOW)
    for family in range(64):
        if family not in may:
            made.rule(_refuse("EAFNOSUPPORT"), "socket", _Compare(0, _EQUAL, family, 0))
    return made


def namespaces() -> Filter:
    """RestrictNamespaces=yes."""
    assert value("RestrictNamespaces") == "yes"
    made = Filter(_ALLOW)
    for flag in _flags(_CLONE_NEW):
        made.rule(_refuse("EPERM"), "unshare", _Compare(0, _MASKED_EQUAL, flag, flag))
        made.rule(_refuse("EPERM"), "clone", _Compare(0, _MASKED_EQUAL, flag, flag))
    made.rule(_refuse("EPERM"), "setns")
    return made


def _flags(mask: int) -> Iterator[int]:
    return (1 << bit for bit in range(32) if mask & 1 << bit)


def _refuse(name: str) -> int:
    return _ERRNO | int(getattr(errno, name))


def main() -> None:
    for made in [memory(), families(), namespaces(), system_calls()]:  # the last forbids to make more
        made.load()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
