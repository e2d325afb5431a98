"""Inspection of a network inside a run: weights, policy, synapses, confusion matrix, worst mistakes."""
