"""Who the threads of a process act for, and what they may do with tokens: what NTDLL and ADVAPI32 share."""

import struct
from typing import TYPE_CHECKING

from ..children import OtherProcess, OtherThread
from ..errors import NtError
from ..memory.regions import WRITE
from ..ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BAD_IMPERSONATION_LEVEL,
    STATUS_BAD_TOKEN_TYPE,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_CANT_OPEN_ANONYMOUS,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_IMPERSONATION_TOKEN,
    STATUS_NO_TOKEN,
    STATUS_NOT_ALL_ASSIGNED,
    STATUS_PRIVILEGE_NOT_HELD,
)
from ..objects import Waitable, granted
from ..process import DllState, Process
from ..threads import ProcessObject, Thread
from ..tokens import (
    ADJUST_DEFAULT,
    ADJUST_GROUPS,
    ADJUST_PRIVILEGES,
    DUPLICATE,
    IDENTIFICATION,
    IMPERSONATE,
    IMPERSONATING,
    IMPERSONATION,
    PRIMARY,
    QUERY,
    QUERY_SOURCE,
    USER,
    Token,
)
from . import acls, privileges, sids
from .accounts import Accounts

if TYPE_CHECKING:
    from ..guest import Guest

__all__ = [
    "Identity", "adjust_groups", "adjust_privileges", "duplicate", "filtered", "open_process",
    "open_thread", "privilege_check", "query", "set_information", "set_thread_token", "token_of",
]  # fmt: skip

_PROCESS_QUERY = 0x400 | 0x1000
"""PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION: either will do."""
_THREAD_QUERY = 0x40 | 0x800
_THREAD_SET_TOKEN = 0x80
_MOST = 0x1000
"""How many groups or privileges a program may name."""
_FIRST_ID = 1001
"""LUIDs below it are the system's."""


class Identity(DllState):
    """The token that the process, and every other one of the run, began with; and those of threads."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._last_id = _FIRST_ID
        self.token = Token(identity=self.new_id())
        self.token.retain()
        self.of_threads: dict[int, Token] = {}
        """Tokens of threads that impersonate, by thread identifier."""
        self._watched: set[int] = set()
        """Threads whose end is waited for, so that their tokens can go."""
        computer = process.environment_variable("COMPUTERNAME") or "LITEBOX"
        self.accounts = Accounts(computer.upper(), process.environment_variable("USERNAME") or "litebox", USER)

    def new_id(self) -> int:
        """A LUID that nothing else in the run has."""
        self._last_id += 1
        return self.process.pid << 24 | self._last_id

    def effective(self, tid: int) -> Token:
        """The token that a thread acts with."""
        return self.of_threads.get(tid, self.token)

    def impersonate(self, thread: Thread, token: Token | None) -> None:
        """Gives a thread a token of its own, or takes it away."""
        tid = thread.tid
        old = self.of_threads.pop(tid, None)
        if old is not None:
            old.release()
        if token is not None:
            token.retain()
            self.of_threads[tid] = token
            if tid not in self._watched:
                self._watched.add(tid)
                thread.at_end[self._ended] = None

    def _ended(self, thread: Thread) -> None:
        self._watched.discard(thread.tid)
        self.impersonate(thread, None)


def _opened_with(guest: "Guest", handle: int, kinds: "tuple[type, ...]", any_of: int) -> object:
    """The object behind a handle that has some of ``any_of``. Raises NtError."""
    handles = guest.process.handles
    found = handles.get(handle, Waitable, 0, guest)
    if not isinstance(found, kinds):
        handles.get(handle, kinds[0], 0, guest)
    if handle not in handles.pseudo and not handles.entry(handle).access & any_of:
        raise NtError(STATUS_ACCESS_DENIED)
    return found


def open_process(guest: "Guest", process: int, access: int, inherit: bool) -> int:
    """A handle on a process's token. Raises NtError."""
    _opened_with(guest, process, (ProcessObject, OtherProcess), _PROCESS_QUERY)
    token = guest.process.state(Identity).token
    return guest.process.handles.give(token, granted(access, token.generic), inherit)


def open_thread(guest: "Guest", thread: int, access: int, inherit: bool) -> int:
    """A handle on the token of a thread that impersonates. Raises NtError(STATUS_NO_TOKEN) and others."""
    found = _opened_with(guest, thread, (Thread, OtherThread), _THREAD_QUERY)
    token = guest.process.state(Identity).of_threads.get(found.tid) if isinstance(found, Thread) else None
    if token is None:
        raise NtError(STATUS_NO_TOKEN)
    if token.level == 0:
        raise NtError(STATUS_CANT_OPEN_ANONYMOUS)
    return guest.process.handles.give(token, granted(access, token.generic), inherit)


def set_thread_token(guest: "Guest", thread: Thread, handle: int) -> None:
    """The thread acts with a token from now on; without one for ``handle`` 0. Raises NtError."""
    identity = guest.process.state(Identity)
    token = None
    if handle:
        token = guest.process.handles.get(handle, Token, IMPERSONATE, guest)
        if token.kind != IMPERSONATION:
            raise NtError(STATUS_BAD_TOKEN_TYPE)
    identity.impersonate(thread, token)


def duplicate(guest: "Guest", handle: int, access: int, kind: int, level: int, inherit: bool, effective: bool) -> int:
    """A handle on a copy of a token; no access asked for: that of the existing handle. Raises NtError."""
    handles = guest.process.handles
    existing = handles.get(handle, Token, DUPLICATE, guest)
    made = existing.duplicate(kind, level, guest.process.state(Identity).new_id(), effective)
    if not access:
        access = existing.generic[3] if handle in handles.pseudo else handles.entry(handle).access
    return guest.process.handles.give(made, granted(access, made.generic), inherit)


def token_of(guest: "Guest", handle: int, access: int = 0) -> Token:
    """The token behind a handle. Raises NtError."""
    return guest.process.handles.get(handle, Token, access, guest)


def impersonation_token(guest: "Guest", handle: int) -> Token:
    """The token of a client, to be checked. Raises NtError."""
    token = token_of(guest, handle, QUERY)
    if token.kind != IMPERSONATION:
        raise NtError(STATUS_NO_IMPERSONATION_TOKEN)
    if token.level < IDENTIFICATION:
        raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
    return token


def query(guest: "Guest", handle: int, kind: int, addr: int, room: int) -> tuple[int, bool]:
    """Stores what is asked of a token; the size that it needs, and whether it fitted. Raises NtError, GuestFault."""
    token = token_of(guest, handle, QUERY_SOURCE if kind == 7 else QUERY)
    data = token.query(kind, addr, guest.bits)
    if room < len(data):
        return len(data), False
    guest.memory.write(addr, data)
    return len(data), True


def set_information(guest: "Guest", handle: int, kind: int, addr: int, length: int) -> None:
    """Raises NtError, GuestFault."""
    memory, width = guest.memory, guest.bits // 8
    if kind in (4, 5, 6, 25):
        token = token_of(guest, handle, ADJUST_DEFAULT)
        if length < width * (2 if kind == 25 else 1):
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
        what = memory.pointer(addr)
        if kind == 4:
            token.set_owner(sids.read(memory, what))
        elif kind == 5:
            token.set_primary_group(sids.read(memory, what))
        elif kind == 6:
            token.default_dacl = acls.bytes_at(memory, what) if what else b""
        else:
            level = sids.read(memory, what)
            if len(level) != len(token.integrity) or level[:8] != token.integrity[:8]:
                raise NtError(STATUS_INVALID_PARAMETER)
            if level[8:] != token.integrity[8:] and _rank(level) > _rank(token.integrity):
                raise NtError(STATUS_PRIVILEGE_NOT_HELD)
            token.integrity = level
        token.modified = guest.process.state(Identity).new_id()
    elif kind in (12, 15, 17, 23, 24, 26):
        token_of(guest, handle)
        raise NtError(STATUS_PRIVILEGE_NOT_HELD)
    else:
        raise NtError(STATUS_INVALID_INFO_CLASS)


def _rank(label: bytes) -> int:
    return sids.parts_of(label)[-1]


# -- lists of privileges and groups ------------------------------------------------------------------------------------


def _rows(guest: "Guest", addr: int) -> dict[int, int]:
    """The LUIDs and attributes of a TOKEN_PRIVILEGES. Raises NtError, GuestFault."""
    count = guest.memory.u32(addr)
    if count > _MOST:
        raise NtError(STATUS_INVALID_PARAMETER)
    data = guest.memory.read(addr + 4, 12 * count)
    return dict(struct.iter_unpack("<QI", data))


def _members(guest: "Guest", addr: int, count: int) -> dict[bytes, int]:
    """The SIDs and attributes of an array. Raises NtError, GuestFault."""
    if count > _MOST:
        raise NtError(STATUS_INVALID_PARAMETER)
    row = struct.Struct("<QI4x" if guest.bits == 64 else "<II")
    data = guest.memory.read(addr, row.size * count)
    return {sids.read(guest.memory, where): attributes for where, attributes in row.iter_unpack(data)}


def _group_list(guest: "Guest", addr: int) -> dict[bytes, int]:
    return _members(guest, addr + guest.bits // 8, guest.memory.u32(addr)) if addr else {}


def _give_back(guest: "Guest", data: bytes, room: int, previous: int, returned: int) -> None:
    """Stores what was before. Raises NtError(STATUS_BUFFER_TOO_SMALL), GuestFault."""
    if not previous:
        return
    guest.memory.check(returned, 4, WRITE)
    guest.memory.put_u32(returned, len(data))
    if room < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(previous, data)


def adjust_privileges(
    guest: "Guest", handle: int, disable_all: bool, new: int, room: int, previous: int, returned: int
) -> int:
    """0, or STATUS_NOT_ALL_ASSIGNED where the token lacks what is named. Raises NtError, GuestFault."""
    if not disable_all and not new:
        raise NtError(STATUS_INVALID_PARAMETER)
    token = token_of(guest, handle, ADJUST_PRIVILEGES | (QUERY if previous else 0))
    after, former, complete = token.adjusted_privileges(None if disable_all else _rows(guest, new))
    rows = b"".join(struct.pack("<QI", one, attributes) for one, attributes in former.items())
    _give_back(guest, struct.pack("<I", len(former)) + rows, room, previous, returned)
    if former:
        token.privileges, token.modified = after, guest.process.state(Identity).new_id()
    return 0 if complete else STATUS_NOT_ALL_ASSIGNED


def adjust_groups(
    guest: "Guest", handle: int, reset: bool, new: int, room: int, previous: int, returned: int
) -> int:
    """0, or STATUS_NOT_ALL_ASSIGNED where the token lacks what is named. Raises NtError, GuestFault."""
    if not reset and not new:
        raise NtError(STATUS_INVALID_PARAMETER)
    token = token_of(guest, handle, ADJUST_GROUPS | (QUERY if previous else 0))
    after, former, complete = token.adjusted_groups(None if reset else _group_list(guest, new))
    width = guest.bits // 8
    row = struct.Struct("<QI4x" if width == 8 else "<II")
    at = previous + width + len(former) * row.size
    rows = texts = b""
    for group, attributes in former.items():
        rows += row.pack(at + len(texts), attributes)
        texts += group
    _give_back(guest, len(former).to_bytes(width, "little") + rows + texts, room, previous, returned)
    if former:
        token.groups, token.modified = after, guest.process.state(Identity).new_id()
    return 0 if complete else STATUS_NOT_ALL_ASSIGNED


def filtered(
    guest: "Guest", handle: int, flags: int, disabled: "dict[bytes, int]", deleted: "dict[int, int]",
    restrictions: "dict[bytes, int]",
) -> int:  # fmt: skip
    """A handle on a copy of a token with fewer rights. Raises NtError."""
    token, handles = token_of(guest, handle, DUPLICATE), guest.process.handles
    identity = guest.process.state(Identity).new_id()
    made = token.restricted(flags, disabled, deleted, restrictions, identity)
    access = token.generic[3] if handle in handles.pseudo else handles.entry(handle).access
    return guest.process.handles.give(made, access)


def listed(
    guest: "Guest", disabled: int, deleted: int, restrictions: int
) -> "tuple[dict[bytes, int], dict[int, int], dict[bytes, int]]":
    """The TOKEN_GROUPS and TOKEN_PRIVILEGES that NtFilterToken is given. Raises NtError, GuestFault."""
    return _group_list(guest, disabled), _rows(guest, deleted) if deleted else {}, _group_list(guest, restrictions)


def arrays(
    guest: "Guest", disabled: "tuple[int, int]", deleted: "tuple[int, int]", restrictions: "tuple[int, int]"
) -> "tuple[dict[bytes, int], dict[int, int], dict[bytes, int]]":
    """The same from arrays, each given by count and address. Raises NtError, GuestFault."""
    if deleted[0] > _MOST:
        raise NtError(STATUS_INVALID_PARAMETER)
    rows = dict(struct.iter_unpack("<QI", guest.memory.read(deleted[1], 12 * deleted[0])))
    return _members(guest, disabled[1], disabled[0]), rows, _members(guest, restrictions[1], restrictions[0])


def privilege_check(guest: "Guest", handle: int, required: int) -> bool:
    """Whether a token has enabled what a PRIVILEGE_SET names; those that it has are marked. Raises NtError."""
    token, memory = token_of(guest, handle, QUERY), guest.memory
    if token.kind == IMPERSONATION and token.level < IDENTIFICATION:
        raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
    count, control = memory.u32(required), memory.u32(required + 4)
    if count > _MOST:
        raise NtError(STATUS_INVALID_PARAMETER)
    memory.check(required, 8 + 12 * count, WRITE)
    found = 0
    for index in range(count):
        at = required + 8 + 12 * index
        if token.has_privilege(memory.u64(at)):
            memory.put_u32(at + 8, memory.u32(at + 8) | privileges.USED_FOR_ACCESS)
            found += 1
    return found == count if control & 1 else found > 0


def own_impersonation(guest: "Guest", thread: Thread, level: int) -> None:
    """The thread impersonates the process it belongs to. Raises NtError."""
    identity = guest.process.state(Identity)
    identity.impersonate(thread, identity.token.duplicate(IMPERSONATION, level, identity.new_id()))


def log_on(guest: "Guest", thread: Thread, handle: int) -> None:
    """The thread impersonates the user of a token, of either type. Raises NtError."""
    identity = guest.process.state(Identity)
    token = token_of(guest, handle, QUERY)
    if token.kind == PRIMARY:
        token_of(guest, handle, QUERY | DUPLICATE)
        token = token.duplicate(IMPERSONATION, IMPERSONATING, identity.new_id())
    else:
        token_of(guest, handle, QUERY | IMPERSONATE)
    identity.impersonate(thread, token)
