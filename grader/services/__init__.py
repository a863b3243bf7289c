"""What the system does: one verb per file, everything outside it handed in through ports."""
