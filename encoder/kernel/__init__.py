"""A kernel's source: its trees, its C, and where the steps of the specs stand in it."""
