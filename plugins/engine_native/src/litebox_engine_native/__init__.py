"""The native engine: guest code on the processor itself, in a process of its own that cannot make a system call."""
