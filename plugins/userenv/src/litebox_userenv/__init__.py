"""USERENV and SECUR32 for litebox."""
