"""Mutation testing of proofs: would they have noticed a program with one thing wrong?"""
