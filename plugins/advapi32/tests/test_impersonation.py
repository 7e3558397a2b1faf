"""ImpersonateNamedPipeClient, RevertToSelf: nobody acts for somebody else here."""

PIPE_ACCESS_DUPLEX, INVALID_HANDLE_VALUE = 3, 0xFFFFFFFFFFFFFFFF
ERROR_INVALID_FUNCTION, ERROR_INVALID_HANDLE, ERROR_CANNOT_IMPERSONATE = 1, 6, 1368


def test_a_server_does_not_become_its_client(box):
    pipe = box.call.kernel32.CreateNamedPipeW(r"\\.\pipe\litebox-impersonation", PIPE_ACCESS_DUPLEX, 0, 1, 64, 64, 0, 0)
    assert pipe != INVALID_HANDLE_VALUE
    assert box.call.advapi32.ImpersonateNamedPipeClient(pipe) == 0
    assert box.last_error == ERROR_CANNOT_IMPERSONATE


def test_what_is_no_pipe(box):
    event = box.call.kernel32.CreateEventW(0, 0, 0, None)
    assert box.call.advapi32.ImpersonateNamedPipeClient(event) == 0
    assert box.last_error == ERROR_INVALID_FUNCTION
    assert box.call.advapi32.ImpersonateNamedPipeClient(0xDEAC) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_a_thread_is_itself_already(box):
    assert box.call.advapi32.RevertToSelf() == 1
