"""ADVAPI32 for litebox."""
