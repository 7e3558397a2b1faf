"""WINMM for litebox."""
