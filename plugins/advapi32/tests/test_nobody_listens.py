"""Events that nobody keeps, services that nobody manages."""

ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_NOACCESS = 5, 6, 87, 998
ERROR_FAILED_SERVICE_CONTROLLER_CONNECT, ERROR_INVALID_NAME = 1063, 123


def test_events_are_accepted(box):
    advapi32 = box.call.advapi32
    source = advapi32.RegisterEventSourceW(None, "a program")
    assert source
    assert advapi32.ReportEventW(source, 4, 0, 1, 0, 0, 0, 0, 0) == 1
    assert advapi32.ReportEventW(source, 4, 0, 1, 0, 2, 0, 0xDEAD0000, 0) == 0
    assert box.last_error == ERROR_NOACCESS
    assert advapi32.DeregisterEventSource(source) == 1
    assert advapi32.ReportEventW(source, 4, 0, 1, 0, 0, 0, 0, 0) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert advapi32.RegisterEventSourceW(None, None) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_handle_of_another_kind_is_no_source(box):
    event = box.call.kernel32.CreateEventW(0, 0, 0, None)
    assert box.call.advapi32.DeregisterEventSource(event) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert box.call.kernel32.CloseHandle(event) == 1


def test_services(box):
    advapi32 = box.call.advapi32
    assert advapi32.OpenSCManagerW(None, None, 1) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert advapi32.OpenSCManagerW(None, "Nothing", 1) == 0
    assert box.last_error == ERROR_INVALID_NAME
    assert advapi32.StartServiceCtrlDispatcherW(box.alloc(32)) == 0
    assert box.last_error == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT
