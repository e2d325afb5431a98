"""Compute recurrent networks (Elman 1990) of R replicates, class-major.

``h_t = f(b + x_t W_in + h_{t-1} W_rec)`` with ``h_0 = 0``, layer by layer: the states of one layer are the inputs of
the next within the same step. The outputs read the last step: ``z = c + h_T W_out``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from synrl_core.config import Activation, Surrogate
from synrl_core.networks.activations import activate, check_differentiable, times_derivative
from synrl_core.networks.blocks import Floats, Health
from synrl_core.networks.temporal import TemporalNetwork, aligned, multiply


@dataclass(frozen=True)
class RecurrentNetwork(TemporalNetwork):
    """Shape of an Elman network and of its R replicates, with a linear output.

    Attributes
    ----------
    activation
        Of the hidden units.
    surrogate
        Stands for the derivative of step and sign in backpropagation.
    """

    activation: Activation = "tanh"
    surrogate: Surrogate = "none"

    @property
    def is_recurrent(self) -> bool:
        """Always true."""
        return True

    def workspace(self, samples: int, dtype: DTypeLike = np.float32) -> RecurrentWorkspace:
        """Allocate the buffers of a forward pass over a number of samples."""
        return RecurrentWorkspace(self, samples, dtype)

    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: RecurrentWorkspace) -> Floats:
        """Compute the outputs before softmax, (R, outputs, samples); see `Network.forward`."""
        weights = self.cut(layers)
        if work.drive is not None:
            multiply(weights[0][0], inputs[0], work.drive)
        for step in range(self.encoding.steps):
            now = step % work.kept
            below = inputs[step % len(inputs)]
            for place, (from_below, from_own) in enumerate(weights):
                sums, states = work.sums[place][now], work.states[place]
                if place or work.drive is None:
                    driven = sums
                    multiply(from_below, below, sums)
                else:
                    driven = work.drive
                if step:
                    np.matmul(from_own, states[now - 1], out=work.fed_back[place])
                    np.add(driven, work.fed_back[place], out=sums)
                    driven = sums
                elif driven is not sums and work.keeps_all:  # a gradient reads the sums of all steps
                    np.copyto(sums, driven)
                activate(self.activation, driven, out=states[now])
                below = work.units[place][now]
        return np.matmul(layers[-1], work.read_out, out=work.outputs)

    def health(self, work: RecurrentWorkspace) -> Health:  # noqa: ARG002 (what overflows shows in the outputs)
        """Fine: only spiking networks can be silent."""
        return "fine"

    def check_differentiable(self) -> None:
        """Raise NoGradientError when the hidden units have no derivative and no surrogate."""
        check_differentiable(self.activation, self.surrogate)

    def _slope_of_read_out(self, top: Floats, step: int) -> Floats | None:
        return top if step == self.encoding.steps - 1 else None

    def _slope_of_sums(
        self, above: Floats | None, later: Floats | None, work: RecurrentWorkspace, place: int, step: int
    ) -> Floats:
        del later  # it comes through the recurrent weights alone
        states = work.states[place][step]
        slope: Floats = np.zeros_like(states) if above is None else above.copy()
        times_derivative(self.activation, slope, states, work.sums[place][step], self.surrogate)
        return slope


class RecurrentWorkspace:
    """Buffers of one forward pass over a fixed number of samples: nothing is allocated while training.

    Attributes
    ----------
    kept
        Steps whose states are kept: one, or all of them.
    keeps_all
        Whether all are, for a gradient or a picture, which read what training leaves out; a single step may be all.
    drive
        (R, units, samples) what the first layer gets from constant inputs, else None.
    sums
        Of each hidden layer and kept step (R, units, samples), before activation.
    units
        Of each hidden layer and kept step (R, units + 1, samples), after activation, row 0 ones.
    states
        The same without the ones, (R, units, samples).
    fed_back
        Of each hidden layer (R, units, samples), what its units get from themselves.
    outputs
        (R, outputs, samples).
    """

    def __init__(self, network: RecurrentNetwork, samples: int, dtype: DTypeLike) -> None:
        self._network, self._samples, self._dtype = network, samples, dtype
        r, hidden = network.replicates, network.sizes[1:-1]
        self.fed_back = [aligned((r, size, samples), dtype) for size in hidden]
        self.drive = aligned(self.fed_back[0].shape, dtype) if network.encoding.is_constant else None
        self.outputs: Floats = np.empty((r, network.sizes[-1], samples), dtype)
        self._keep(1, keeps_all=False)

    def keep_all_steps(self) -> None:
        """Keep the states of all steps from the next forward pass on."""
        self._keep(self._network.encoding.steps, keeps_all=True)

    def _keep(self, steps: int, *, keeps_all: bool) -> None:
        r, hidden, samples = self._network.replicates, self._network.sizes[1:-1], self._samples
        self.kept, self.keeps_all = steps, keeps_all
        self.sums = [list(aligned((steps, r, size, samples), self._dtype)) for size in hidden]
        if not keeps_all and self.drive is not None:  # drive and feedback are added up in place: less memory is touched
            self.sums[0] = self.fed_back[:1]
        self.units: list[list[Floats]] = [list(np.ones((steps, r, size + 1, samples), self._dtype)) for size in hidden]
        self.states: list[list[Floats]] = [[units[:, 1:] for units in layer] for layer in self.units]

    @property
    def read_out(self) -> Floats:
        """(R, units + 1, samples) what the outputs read: the last step of the last hidden layer."""
        return self.units[-1][-1]
