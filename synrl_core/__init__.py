"""SynRL's science: synaptic-level reinforcement learning on NumPy, usable alone from a notebook.

The method is that of Bhargava, Rezaei and Lankarany, "Gradient-Free Neural Network Training via
Synaptic-Level Reinforcement Learning" (arXiv 2105.14383). Nothing in this package opens a socket, reads a
clock or an environment variable for its results, or touches a global random state.
"""
