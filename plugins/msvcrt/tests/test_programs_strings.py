"""A C program that uses much of the run-time at once."""

import pytest


@pytest.mark.guest("strings.c")
def test_strings(guest_run):
    guest_run.check()
