"""Networks: weights and samples to outputs, activations, losses."""
