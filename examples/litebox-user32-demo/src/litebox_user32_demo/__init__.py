"""Some of USER32 for console programs, an overlay and a trace sink."""
