"""MSVCRT and UCRTBASE, the C run-times, for litebox."""
