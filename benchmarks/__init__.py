"""Benchmarks behind the numbers in README and docs."""
