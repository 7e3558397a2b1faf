import pytest

from litebox_ntdll.executive.files import DiskFiles

from .support import make_process


@pytest.fixture
def files(tmp_path):
    """The file service, with a fresh folder as the current one."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    service = DiskFiles(make_process(folder))
    yield service
    service.close()
