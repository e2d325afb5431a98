"""Breeding of policies: races between candidate tables, crossing, mutation, evolution on a simulated bowl."""
