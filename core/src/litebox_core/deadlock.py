"""What is said when all threads wait for each other: each thread's wait and stack."""

from typing import TYPE_CHECKING

from .crash import place, stack_lines

if TYPE_CHECKING:
    from .guest import Guest
    from .process import Process

MOST_THREADS = 32


def deadlock_report(process: "Process") -> str:
    """One paragraph a thread; of very many threads the first ones."""
    threads = list(process.threads.values())
    lines = ["deadlock: every thread waits for another one"]
    for guest in threads[:MOST_THREADS]:
        lines += _thread(process, guest)
    if len(threads) > MOST_THREADS:
        lines.append(f"  and {len(threads) - MOST_THREADS} more threads")
    return "\n".join(lines)


def _thread(process: "Process", guest: "Guest") -> list[str]:
    scheduler = process.scheduler
    thread = guest.thread_object
    name = f" {thread.description!r}" if thread is not None and thread.description else ""
    blocked = scheduler.blocked.get(guest.tid)
    if blocked is not None:
        step = blocked.step
        wanted = (" and " if step.all else " or ").join(o.describe() for o in step.objects) or "nothing"
        state = f"waits for {wanted}"
        if guest.tid in scheduler.suspended:
            state += ", and is suspended"
    else:
        state = "is suspended"
    frame = guest.frames[-1] if guest.frames else None
    if frame is None or not frame.resume:
        return [f"  thread {guest.tid:#x}{name} {state}"]
    dispatcher = process.dispatcher
    index = dispatcher.resumes.index(frame.resume) if frame.resume in dispatcher.resumes else 0
    entry = dispatcher.entry(index)
    caller = guest.memory.pointer(frame.sp) if guest.memory.accessible(frame.sp, 8) else 0
    function = f" in {entry.name}" if entry is not None else ""
    lines = [f"  thread {guest.tid:#x}{name} {state}{function}, called from {place(process, caller)}"]
    return lines + ["  " + line for line in stack_lines(guest, frame.sp)]
