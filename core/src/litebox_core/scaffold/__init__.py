"""What ``litebox new`` writes: typed declarations out of the signature data, and whole packages."""
