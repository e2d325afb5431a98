"""Compute networks of leaky integrate-and-fire units in discrete time, of R replicates, class-major.

``u_t = beta u_{t-1} - theta s_{t-1} + b + x_t W_in [+ s_{t-1} W_rec]``, ``s_t = 1 if u_t > theta else 0``,
``u_0 = s_0 = 0``: reset by subtraction, as `Leaky` of snnTorch (Eshraghian et al. 2023). Every layer passes its spikes
on within the same step. The outputs read the rate: ``z = c + mean_t(s_t) W_out``.

The engine computes the *gap* to the threshold, ``q = 1 - u / theta``, which keeps a step at few passes over the units:
``q_t = beta q_{t-1} + s_{t-1} + (1 - beta) - (b + x_t W_in + s_{t-1} W_rec) / theta``, and a unit fires where the sign
bit of q is set. Weights are divided by -theta once a forward pass, with 1 - beta added to the biases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Surrogate
from synrl_core.errors import NoGradientError
from synrl_core.networks.activations import surrogate_derivative
from synrl_core.networks.blocks import Floats, Health
from synrl_core.networks.staircase import SpikeCounter
from synrl_core.networks.tally import SpikeTally
from synrl_core.networks.temporal import TemporalNetwork, aligned, multiply


@dataclass(frozen=True)
class SpikingNetwork(TemporalNetwork):
    """Shape of a network of spiking units and of its R replicates, with a linear output.

    Attributes
    ----------
    decay
        beta in [0, 1), share of the membrane that a step keeps.
    threshold
        theta above 0.
    recurrent
        Whether units have weights from the units of their own layer.
    surrogate
        Stands for the derivative of a spike in backpropagation; the reset has none.
    """

    decay: float = 0.9
    threshold: float = 1.0
    recurrent: bool = False
    surrogate: Surrogate = "none"

    @property
    def is_recurrent(self) -> bool:
        """Whether hidden units have weights from the units of their own layer."""
        return self.recurrent

    def workspace(self, samples: int, dtype: DTypeLike = np.float32) -> SpikingWorkspace:
        """Allocate the buffers of a forward pass over a number of samples."""
        return SpikingWorkspace(self, samples, dtype)

    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: SpikingWorkspace) -> Floats:
        """Compute the outputs before softmax, (R, outputs, samples); see `Network.forward`."""
        weights = self.cut(work.scale(layers))
        constant = self.encoding.is_constant
        if work.counter is not None:
            multiply(weights[0][0], inputs[0], work.currents[0])
            work.counter.count(work.currents[0], out=work.counts[:, 1:])
            return self._read_out(layers[-1], work)
        last = len(weights) - 1
        for step in range(self.encoding.steps):
            now = step % work.kept
            below = inputs[step % len(inputs)]
            for place, (from_below, from_own) in enumerate(weights):
                current, gap = work.currents[place], work.gaps[place][now]
                if place or not constant or not step:
                    multiply(from_below, below, current)
                if work.tally is not None and place == last:
                    self._count_step(current, gap, work.tally, step)
                    continue
                if step:
                    np.multiply(work.gaps[place][now - 1], self.decay, out=gap)
                    gap += current
                    gap += work.spikes[place][now - 1]
                    if self.recurrent:
                        gap += np.matmul(from_own, work.spikes[place][now - 1], out=work.fed_back[place])
                else:
                    np.add(current, self.decay, out=gap)
                _fire(work.gap_bits[place][now], work.sign_shift, work.one, out=work.spike_bits[place][now])
                below = work.units[place][now]
            if work.tally is None:
                self._add_up(work.spikes[-1][now], work.counts[:, 1:], step)
        if work.tally is not None:
            work.tally.read(out=work.counts[:, 1:])
        return self._read_out(layers[-1], work)

    def _count_step(self, current: Floats, gap: Floats, tally: SpikeTally, step: int) -> None:
        """Do a step of units whose spikes nobody reads but their own reset: no float is made of them."""
        if step:
            gap *= self.decay
            gap += current
            np.add(gap, tally.ones, out=gap)
        else:
            np.add(current, self.decay, out=gap)
        np.less(gap, 0, out=tally.fired)
        tally.add(is_first=step == 0)

    @staticmethod
    def _add_up(spikes: Floats, counts: Floats, step: int) -> None:
        if step:
            counts += spikes
        else:
            np.copyto(counts, spikes)

    def _read_out(self, layer: Floats, work: SpikingWorkspace) -> Floats:
        np.matmul(layer, work.counts, out=work.outputs)
        work.outputs *= 1 / self.encoding.steps
        return work.outputs

    def health(self, work: SpikingWorkspace) -> Health:
        """Judge the membranes of the last step and the spikes of all steps."""
        states = work.gaps if work.counter is None else work.currents
        if not all(np.isfinite(each).all() for each in states):
            return "overflow"
        return "silent" if (work.counts[:, 1:].max(axis=(1, 2)) == 0).any() else "fine"

    def check_differentiable(self) -> None:
        """Raise NoGradientError when spikes have no surrogate derivative."""
        if self.surrogate == "none":
            raise NoGradientError(
                "a spike has a derivative of 0 everywhere it has one, so gradient descent gets no direction through "
                "it. Choose a surrogate derivative, fast_sigmoid or arctan, or method 'synaptic', which needs no "
                "derivative."
            )

    def _slope_of_read_out(self, top: Floats, step: int) -> Floats | None:  # noqa: ARG002 (all steps count alike)
        return top / self.encoding.steps

    def _slope_of_sums(
        self, above: Floats | None, later: Floats | None, work: SpikingWorkspace, place: int, step: int
    ) -> Floats:
        if above is None:
            slope: Floats = np.zeros_like(work.gaps[place][step])
        else:
            slope = above * surrogate_derivative(self.surrogate, work.gaps[place][step] * -self.threshold)
        if later is not None:
            slope += self.decay * later
        return slope


class SpikingWorkspace:
    """Buffers of one forward pass over a fixed number of samples: nothing is allocated while training.

    Attributes
    ----------
    kept
        Steps whose states are kept: one, or all of them.
    keeps_all
        Whether all are, for a gradient or a picture, which read what training leaves out; a single step may be all.
    gaps
        Of each hidden layer (kept, R, units, samples): 1 - membrane / threshold, below 0 where a unit fires.
    units
        Of each hidden layer (kept, R, units + 1, samples): spikes, row 0 ones.
    spikes
        The same without the ones: of each hidden layer and kept step (R, units, samples).
    gap_bits, spike_bits
        `gaps` and `spikes` as integers.
    currents, fed_back
        Of each hidden layer (R, units, samples): what it gets from below and from itself, scaled as `gaps`.
    counter
        Counts the spikes of a single hidden layer under constant currents at once, where no step needs another's
        spikes and no state is kept; else None.
    tally
        Adds up the spikes of a last hidden layer that is not recurrent, where no state is kept; else None.
    counts
        (R, units + 1, samples): spikes of the last hidden layer over all steps, row 0 the number of steps.
    outputs
        (R, outputs, samples).
    """

    def __init__(self, network: SpikingNetwork, samples: int, dtype: DTypeLike) -> None:
        self._network, self._samples, self._dtype = network, samples, np.dtype(dtype)
        r, hidden = network.replicates, network.sizes[1:-1]
        integer = np.dtype(f"i{self._dtype.itemsize}")
        self.one = np.ones(1, self._dtype).view(integer)[0]
        self.sign_shift = integer.type(8 * integer.itemsize - 1)
        self._integer = integer
        self._scaled: list[Floats] = [
            np.empty((r, layer.units, layer.rows), self._dtype) for layer in network.layers[:-1]
        ]
        self.currents = [aligned((r, size, samples), dtype) for size in hidden]
        self.fed_back = [aligned(each.shape, dtype) if network.recurrent else each for each in self.currents]
        self.counts: Floats = np.full((r, hidden[-1] + 1, samples), network.encoding.steps, self._dtype)
        self.outputs: Floats = np.empty((r, network.sizes[-1], samples), self._dtype)
        self._keep(1, keeps_all=False)

    def scale(self, layers: tuple[Floats, ...]) -> tuple[Floats, ...]:
        """Divide the hidden layers by -threshold and add 1 - decay to their biases, in buffers of their own."""
        for layer, scaled in zip(layers, self._scaled, strict=False):
            np.multiply(layer, -1 / self._network.threshold, out=scaled)
            scaled[:, :, 0] += 1 - self._network.decay
        return tuple(self._scaled)

    def keep_all_steps(self) -> None:
        """Keep the states of all steps from the next forward pass on."""
        self._keep(self._network.encoding.steps, keeps_all=True)

    def _keep(self, steps: int, *, keeps_all: bool) -> None:
        r, hidden, samples = self._network.replicates, self._network.sizes[1:-1], self._samples
        self.kept, self.keeps_all = steps, keeps_all
        self.counter: SpikeCounter | None = None
        self.tally: SpikeTally | None = None
        if not keeps_all and not self._network.recurrent:
            shape, length = self.currents[-1].shape, self._network.encoding.steps
            if self._network.encoding.is_constant and len(hidden) == 1:
                self.counter = SpikeCounter(self._network.decay, length, shape, self._dtype)
            self.tally = SpikeTally(shape, length)
        self.gaps = [aligned((steps, r, size, samples), self._dtype) for size in hidden]
        self.units: list[Floats] = [np.ones((steps, r, size + 1, samples), self._dtype) for size in hidden]
        self.spikes: list[list[Floats]] = [[units[:, 1:] for units in layer] for layer in self.units]
        self.gap_bits = [layer.view(self._integer) for layer in self.gaps]
        self.spike_bits = [[spikes.view(self._integer) for spikes in layer] for layer in self.spikes]

    @property
    def read_out(self) -> Floats:
        """(R, units + 1, samples) what the outputs read: the rates of the last hidden layer, row 0 ones."""
        return self.counts / self._network.encoding.steps


def _fire(
    gaps: NDArray[np.signedinteger], shift: np.signedinteger, one: np.signedinteger, out: NDArray[np.signedinteger]
) -> None:
    """Write 1.0 where a gap is below 0, else 0.0, on the bits of floats: no number is converted, all lanes are used."""
    np.right_shift(gaps, shift, out=out)
    np.bitwise_and(out, one, out=out)
