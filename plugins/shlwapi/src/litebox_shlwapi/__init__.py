"""SHLWAPI for litebox."""
