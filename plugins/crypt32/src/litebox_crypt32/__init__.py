"""CRYPT32 for litebox."""
