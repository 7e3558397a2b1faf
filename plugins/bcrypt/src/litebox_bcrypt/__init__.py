"""BCRYPT and BCRYPTPRIMITIVES for litebox."""
