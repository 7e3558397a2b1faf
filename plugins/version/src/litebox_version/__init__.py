"""VERSION for litebox."""
