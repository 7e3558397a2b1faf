"""The queue of one direction of a named pipe: which writes are done, whatever is read, withdrawn or added."""

import random

from litebox_ntdll.executive.pipequeues import PipeQueue


class Wanted:
    """A request that notes its end."""

    def __init__(self):
        self.withdraw = None
        self.ended = None

    def finish(self, status, count=0, data=b""):
        assert self.ended is None
        self.ended = status, count, data


class Counted(PipeQueue):
    """Counts the entries that are looked at."""

    looks = 0

    def _settle(self):
        before = self._settled
        super()._settle()
        self.looks += self._settled - before + 1


def undone(queue):
    """How many of the first writes fit into the quota, by adding up all of them."""
    total = fits = 0
    for entry in queue.entries:
        total += len(entry.data)
        if total > queue.quota:
            break
        fits += 1
    return fits


def test_writes_that_fit_are_done_and_no_others():
    chance = random.Random(5)
    for messages in (False, True):
        queue, writes = PipeQueue(100, messages), []
        for _ in range(3000):
            choice = chance.random()
            if choice < 0.5:
                request = Wanted()
                queue.write(request, bytes(chance.randrange(60)))
                writes.append(request)
            elif choice < 0.9 and queue.entries:
                read = Wanted()
                queue.read(read, chance.randrange(1, 80), messages)
                assert read.ended is not None
            elif choice < 0.97:
                waiting = [request for request in writes if request.ended is None]
                if waiting:
                    chance.choice(waiting).withdraw()
            elif choice > 0.995:
                queue.discard(0xC000014B)
            fits = undone(queue)
            assert [entry.request is None or not entry.size for entry in queue.entries][:fits] == [True] * fits
            assert all(entry.request is not None for entry in list(queue.entries)[fits:] if entry.size)
            assert queue.available == sum(len(entry.data) for entry in queue.entries)


def test_each_write_is_looked_at_once():
    queue = Counted(1 << 20, False)
    for _ in range(2000):
        queue.write(Wanted(), b"x")
    assert queue.looks <= 2 * 2000
