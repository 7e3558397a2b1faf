"""Random bytes: the host's."""

from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.services import Entropy

__all__ = ["HostEntropy"]

MAX_SIZE = 1 << 28


class HostEntropy(Entropy):
    """Bytes fit for keys, from the host's generator unless the run is deterministic."""

    def random(self, size: int) -> bytes:
        """Raises NtError(STATUS_INVALID_PARAMETER) for more than 256 MB at once."""
        if not 0 <= size <= MAX_SIZE:
            raise NtError(STATUS_INVALID_PARAMETER)
        return self.process.random_bytes(size)
