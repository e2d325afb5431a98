"""Reproduction of the paper's experiments: its runs, its table of results, and a verdict on each of its claims."""
