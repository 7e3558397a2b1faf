"""KERNEL32 and KERNELBASE for litebox."""
