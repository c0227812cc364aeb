"""A patch read against the steps: what it touches, the variant that it is, and what becomes of the proofs."""
