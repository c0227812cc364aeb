"""Programs with one thing wrong: would the proofs have noticed?"""
