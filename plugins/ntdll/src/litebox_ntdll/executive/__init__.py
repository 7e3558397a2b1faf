"""The NT executive: what the Windows kernel owns, as services for every DLL."""
