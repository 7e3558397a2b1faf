"""SHELL32 for litebox."""
