"""USER32 for litebox."""
