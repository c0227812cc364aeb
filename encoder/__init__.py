"""Pinproof: bounded verification of the Linux kernel's page-pinning protocol."""

__version__ = "0.1.0"
