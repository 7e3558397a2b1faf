"""Nothing is left behind: handles, and the objects behind them, after calls and after whole programs."""

import gc

import pytest

from litebox_core import pe
from litebox_core.abi import HANDLE
from litebox_core.leaks import OpenHandles, WatchedHandles, title
from litebox_core.objects import HandleTable, Object
from litebox_core.process import Process
from litebox_core.testing import assert_no_leaks, make_options, program

MANY = 10_000
GENERIC_WRITE, CREATE_ALWAYS, PAGE_READWRITE, SAME_ACCESS = 0x40000000, 2, 4, 2
INVALID_HANDLE_VALUE = (1 << 64) - 1


@pytest.fixture
def k32(box):
    return box.call.kernel32


def test_many_events(box, k32):
    for _ in range(MANY // 10):
        handles = [k32.CreateEventW(None, 0, 0, None) for _ in range(10)]
        for handle in handles:
            assert k32.CloseHandle(handle) == 1
    gc.collect()
    assert box.leaks() == []
    assert [title(obj) for obj in box.process.handles.seen if obj.type_name == "Event"] == []  # nor in our memory


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda k32: k32.CreateEventW(None, 0, 0, "one"), "Event 'Local\\one'"),
        (lambda k32: k32.CreateMutexW(None, 0, None), "Mutant"),
        (lambda k32: k32.CreateSemaphoreW(None, 0, 1, None), "Semaphore"),
        (lambda k32: k32.CreateWaitableTimerW(None, 0, None), "Timer"),
        (lambda k32: k32.CreateIoCompletionPort(INVALID_HANDLE_VALUE, None, 0, 0), "IoCompletion"),
        (lambda k32: k32.CreateFileMappingW(INVALID_HANDLE_VALUE, None, PAGE_READWRITE, 0, 4096, None), "Section"),
        (lambda k32: k32.CreateFileW("C:\\a.txt", GENERIC_WRITE, 0, None, CREATE_ALWAYS, 0, None), "File 'C:\\a.txt'"),
        (lambda k32: k32.OpenProcess(0x1F0FFF, 0, k32.GetCurrentProcessId()), "Process"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_each_type_is_named_and_closing_ends_it(box, k32, make, kind):
    handle = make(k32)
    assert box.leaks() == [f"{handle:#x} {kind}"]
    with pytest.raises(AssertionError) as caught:
        assert_no_leaks(box)
    assert str(caught.value) == f"left open:\n  {handle:#x} {kind}"
    assert k32.CloseHandle(handle) == 1
    assert_no_leaks(box)


def test_a_copy_is_a_handle_of_its_own(box, k32):
    event = k32.CreateEventW(None, 0, 0, None)
    copy = box.new(HANDLE)
    assert k32.DuplicateHandle(-1, event, -1, copy, 0, 0, SAME_ACCESS) == 1
    k32.CloseHandle(event)
    assert box.leaks() == [f"{copy.value:#x} Event"]
    k32.CloseHandle(copy.value)
    assert box.leaks() == []


def test_an_object_that_is_still_used_is_named(box, k32):
    section = k32.CreateFileMappingW(INVALID_HANDLE_VALUE, None, PAGE_READWRITE, 0, 4096, "shared")
    view = k32.MapViewOfFile(section, 4, 0, 0, 0)
    k32.CloseHandle(section)
    (left,) = box.leaks()
    assert left.startswith("Section")
    assert "without a handle, references: " in left
    assert k32.UnmapViewOfFile(view) == 1
    assert box.leaks() == []


def test_a_handle_closed_and_opened_again_is_a_new_one(box, k32):
    """The standard handles were there before: one that is closed and whose number is given out again was not."""
    old = k32.GetStdHandle(-10 & 0xFFFFFFFF)
    k32.CloseHandle(old)
    new = k32.CreateEventW(None, 0, 0, None)
    assert new == old
    assert box.leaks() == [f"{new:#x} Event"]


def test_more_than_anybody_reads_are_counted():
    class Owner:
        handles = HandleTable()

    opened = OpenHandles(Owner)
    for _ in range(130):
        Owner.handles.add(Object())
    left = opened.since()
    assert (len(left), left[-1]) == (101, "and 30 more")


def test_a_name_cannot_leave_its_line():
    event = Object()
    event.name = "two\nlines\x1b"
    assert title(event) == "Object 'two\\nlines\\x1b'"


# -- whole programs ----------------------------------------------------------------------------------------------


@pytest.mark.guest("leaks.c")
def test_a_program_that_closes_ten_thousand_handles(guest_run):
    finished = guest_run.check(leaks=True)
    assert_no_leaks(finished)
    assert finished.leaks() == []


@pytest.mark.guest("leaks.c")
def test_a_program_that_leaves_one_of_each(guest_run):
    finished = guest_run.check("kinds", leaks=True)
    kinds = [text.split(" ", 1)[1] for text in finished.leaks()]
    assert kinds[:3] == ["Event 'Local\\ready'", "Mutant", "Semaphore"]
    assert kinds[3].startswith("File '") and kinds[3].endswith("left.txt'")
    assert kinds[4:6] == ["Section", "Timer"]
    assert kinds[6].startswith("Thread ") and kinds[7] == "IoCompletion"
    with pytest.raises(AssertionError, match=r"left open:\n  0x[0-9a-f]+ Event 'Local"):
        assert_no_leaks(finished)


@pytest.mark.guest("leaks.c")
def test_the_trace_names_the_first_hundred(guest_run):
    left = guest_run.check("events", "250", trace="event:exit").leaks()
    assert (len(left), left[-1]) == (101, "and 150 more")


@pytest.mark.guest("leaks.c")
def test_without_a_trace_nobody_knows(guest_run):
    with pytest.raises(ValueError, match="no exit event"):
        guest_run.check().leaks()


def test_nothing_of_ten_thousand_stays_in_our_memory(tmp_path, request):
    exe = program(str(request.path.parent), "leaks.c")
    with open(exe, "rb") as file:
        image = pe.parse(file.read(), "leaks.exe")
    options = make_options(str(tmp_path))
    options.program = exe
    with Process(options) as process:
        watched = WatchedHandles(process)
        process.start(image, exe, "leaks.exe")
        before = len(watched.seen)
        assert process.run() == 0
        gc.collect()
        assert len(watched.seen) == before
        assert watched.kept() == []
