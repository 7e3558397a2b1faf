"""The compressed FuncInfo of __CxxFrameHandler4: counts, states and offsets in one to five bytes each.

Catch blocks have a FuncInfo of their own here, with states of their own.
"""

from litebox_core.memory import GuestFault
from litebox_core.memory.access import Access
from litebox_core.memory.regions import READ

from .cxxdata import FUNCLET, MOST, NOEXCEPT, OBJECT, ONLY_CXX, OUTERMOST, POINTER, FuncInfo, Handler, Leaving, TryBlock

# Bits of the first byte
_IS_CATCH, _SEPARATED, _HAS_BBT, _HAS_STATES, _HAS_TRIES, _ONLY_CXX, _NOEXCEPT = (1 << bit for bit in range(7))

# Bits of a handler's first byte; the two above them count the addresses where the function goes on
_ADJECTIVES, _TYPE, _OBJECT, _GOES_ON_RVA = 1, 2, 4, 8
_KINDS = {1: OBJECT, 2: POINTER, 3: FUNCLET}
_WIDTHS = (1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1, 5)
"""How many bytes a number takes, by the low four bits of its first one."""


class Reader:
    """Reads numbers one after the other. Raises GuestFault."""

    def __init__(self, memory: Access, addr: int) -> None:
        self.memory, self.addr = memory, addr

    def byte(self) -> int:
        self.addr += 1
        return self.memory.read(self.addr - 1, 1)[0]

    def number(self) -> int:
        """A compressed unsigned number."""
        width = _WIDTHS[self.memory.read(self.addr, 1)[0] & 15]
        data = self.memory.read(self.addr, width)
        self.addr += width
        if width == 5:
            return int.from_bytes(data[1:], "little")
        return int.from_bytes(data, "little") >> width

    def offset(self) -> int:
        """Four bytes: an offset from the image's base."""
        self.addr += 4
        return self.memory.u32(self.addr - 4)

    def count(self) -> int:
        """A compressed number of entries."""
        found = self.number()
        if found > MOST:
            raise GuestFault(self.addr, READ)
        return found


def read_info4(memory: Access, base: int, addr: int, begin: int) -> FuncInfo:
    """The FuncInfo at an address, of the function that begins ``begin`` bytes into the image. Raises GuestFault."""
    reader = Reader(memory, addr)
    header = reader.byte()
    if header & _HAS_BBT:
        reader.number()
    states = reader.offset() if header & _HAS_STATES else 0
    tries = reader.offset() if header & _HAS_TRIES else 0
    places = reader.offset()
    frame = reader.number() if header & _IS_CATCH else None
    if header & _SEPARATED:
        places = _segment(Reader(memory, base + places), begin)
    changes = _changes(Reader(memory, base + places), begin) if places else []
    flags = (ONLY_CXX if header & _ONLY_CXX else 0) | (NOEXCEPT if header & _NOEXCEPT else 0)
    return FuncInfo(
        _states(Reader(memory, base + states), base) if states else [],
        _tries(Reader(memory, base + tries), base, begin) if tries else [],
        [rva for rva, _ in changes],
        [state for _, state in changes],
        flags,
        None,
        frame,
    )


def _segment(reader: Reader, begin: int) -> int:
    """Where the map of the function's part that begins at ``begin`` lies; 0 when it has none."""
    for _ in range(reader.count()):
        start, where = reader.offset(), reader.offset()
        if start == begin:
            return where
    return 0


def _changes(reader: Reader, begin: int) -> list[tuple[int, int]]:
    found, rva = [], begin
    for _ in range(reader.count()):
        rva += reader.number()
        found.append((rva, reader.number() - 1))
    return found


def _states(reader: Reader, base: int) -> list[Leaving]:
    """Each state says how many bytes before it the entry of the state that follows begins."""
    count = reader.count()
    numbers: dict[int, int] = {}
    found = []
    for number in range(count):
        start = reader.addr
        numbers[start] = number
        word = reader.number()
        to = numbers.get(start - (word >> 2), OUTERMOST)
        kind = _KINDS.get(word & 3)
        if kind is None or to == number:
            found.append(Leaving(OUTERMOST if to == number else to))
            continue
        action = base + reader.offset()
        found.append(Leaving(to, action, 0 if kind == FUNCLET else reader.number(), kind))
    return found


def _tries(reader: Reader, base: int, begin: int) -> list[TryBlock]:
    found, total = [], 0
    for _ in range(reader.count()):
        low, high, catch_high = reader.number(), reader.number(), reader.number()
        handlers = Reader(reader.memory, base + reader.offset())
        count = handlers.count()
        total += count
        if total > MOST:
            raise GuestFault(handlers.addr, READ)
        found.append(TryBlock(low, high, catch_high, [_handler(handlers, base, begin) for _ in range(count)]))
    return found


def _handler(reader: Reader, base: int, begin: int) -> Handler:
    header = reader.byte()
    adjectives = reader.number() if header & _ADJECTIVES else 0
    type = reader.offset() if header & _TYPE else 0
    offset = reader.number() if header & _OBJECT else 0
    funclet = reader.offset()
    goes_on = tuple(
        base + (reader.offset() if header & _GOES_ON_RVA else begin + reader.number()) for _ in range(header >> 4 & 3)
    )
    return Handler(adjectives, base + type if type else 0, offset, base + funclet, 0, goes_on)
