"""WS2_32 (Windows Sockets) for litebox."""
