"""Base of all trainers: data, network, evaluation, end of a run, and the state as bytes.

Trainers differ in `_step` and in the state that belongs to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from synrl_core.checks import check_outputs
from synrl_core.config import TrainingConfig, stored_form
from synrl_core.learning import checkpoint
from synrl_core.learning.data import Batches, Samples
from synrl_core.measuring.events import ActionCounts, Behaviour, Evaluation, Event, Finished, Snapshot, Step
from synrl_core.networks.blocks import Floats, Health, Network, public_layout, to_json
from synrl_core.networks.losses import LossWorkspace, accuracy, mean_loss, output_gradient, probabilities
from synrl_core.policies.policy import STAY, UP

#: Samples that are measured at once, so that evaluation needs no more memory than a mini-batch does.
CHUNK = 4096


class Trainer(ABC):
    """A training run: iterate over its events to train, stop iterating to stop.

    `synrl_core.learning.factory` makes trainers and resumes them from their bytes. Arrays that methods return are
    copies, those of properties marked as borrowed are the trainer's own.

    Attributes
    ----------
    config
        Configuration of the run.
    network
        The network whose weights are moved.
    iteration
        Iterations completed so far.
    forward_passes
        Batch losses computed so far.
    split_hash
        Names the samples that train and validate, where they are a part of a data set.
    """

    kind: ClassVar[str]

    def __init__(
        self, config: TrainingConfig, network: Network, train: Samples, validation: Samples, content_hash: str = ""
    ) -> None:
        for samples in (train, validation):
            if samples.truth.values is None:
                check_outputs(config, network.sizes[-1], int(samples.truth.labels.max(initial=0)))
        self.config = config
        self.network = network
        self.iteration = 0
        self.forward_passes = 0
        self._content_hash = content_hash
        self.split_hash = ""
        self._train, self._validation = train, validation
        self._dtype = train.inputs.dtype
        batch_seed, first_seed, draw_seed = np.random.SeedSequence(config.seed).spawn(3)
        self._batch_rng = np.random.default_rng(batch_seed)
        self._rng = np.random.default_rng(draw_seed)
        self._batches = Batches(train, config.batch_size, self._batch_rng)
        self._flat = network.initialise(
            config.initialisation, config.initial_scale, np.random.default_rng(first_seed), self._dtype
        )
        self._layers = network.layer_views(self._flat)
        self._workspaces: dict[int, tuple[Any, LossWorkspace]] = {}
        replicates = network.replicates
        self._loss: NDArray[np.float64] = np.full(replicates, np.nan)
        self._rewards: NDArray[np.int8] = np.full(replicates, STAY, np.int8)
        self._action_counts: NDArray[np.int64] = np.zeros((len(network.layers), replicates, 3), np.int64)
        self._gains: NDArray[np.int64] = np.zeros(replicates, np.int64)
        self._measured_at: dict[str, int] = {"evaluation": -1, "actions": -1, "snapshot": -1}
        self._last_evaluation: Evaluation | None = None
        self._healths: set[Health] = set()
        self._health: Health = "fine"
        self._outcome: str | None = None
        self._reason: str | None = None
        self._best: NDArray[np.floating] = self._flat.copy()
        self._best_iteration = 0
        self._best_score = -np.inf

    # -- the run ---------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Train from the current iteration to the end, yielding events.

        Yields
        ------
        A `Step` for every iteration; `Evaluation`, `ActionCounts` and `Snapshot` at iteration 0, whenever due and
        at the end; last `Finished`.
        """
        while True:
            yield from self._measure()
            if self._ended:
                break
            self.step()
            if self._outcome is None:
                yield Step(self.iteration, self._loss, self._rewards)
        yield Finished(self.iteration, self._outcome or "completed", self._reason)  # type: ignore[arg-type]

    @np.errstate(all="ignore")  # an overflow ends in a loss that isn't finite, which is checked
    def step(self) -> None:
        """Do one iteration. A loss that turns non-finite is undone and ends the run."""
        self._step()
        if self._outcome is not None:
            return
        self.iteration += 1
        if len(self._rewards) == 1:  # plain numbers take a fraction of the time of arrays
            self._gains[0] += self._rewards.item() == UP
        else:
            self._gains += self._rewards == UP

    @property
    def _ended(self) -> bool:
        return self._outcome is not None or self.iteration >= self.config.iterations

    @abstractmethod
    def _step(self) -> None:
        """Do one iteration on the weights: set self._loss and self._rewards, or call self._fail."""

    def _fail(self, reason: str) -> None:
        self._outcome, self._reason = "failed", reason

    # -- measuring -------------------------------------------------------------------------------------------

    def _measure(self) -> Iterator[Event]:
        """Yield the measurements that are due at this iteration and were not yielded before."""
        if self._due("evaluation", self.config.evaluate_every) or self._to_judge:
            yield self._evaluate()
        if self._due("actions", self.config.evaluate_every):
            yield self._count_actions()
        if self._due("snapshot", self.config.snapshot_every):
            self._measured_at["snapshot"] = self.iteration
            yield self.snapshot()

    def _due(self, event: str, every: int) -> bool:
        cadence = self.iteration % every == 0 or self._ended
        return cadence and self._measured_at[event] < self.iteration

    @property
    def _to_judge(self) -> bool:
        """Return whether a run that learns nothing is given up at this iteration."""
        return self.iteration == self.config.give_up_after and self._measured_at["evaluation"] < self.iteration

    def _evaluate(self) -> Evaluation:
        """Measure both sets, remember the best weights, and end the run if a rule says so."""
        train_loss, train_accuracy = self._measure_samples(self._train)
        self._health = self._health_of_parts()
        validation_loss, validation_accuracy = self._measure_samples(self._validation)
        since = self.iteration - max(self._measured_at["evaluation"], 0)
        rate = self._gains / since if since else np.full(self.network.replicates, np.nan)
        evaluation = Evaluation(
            self.iteration,
            self.forward_passes,
            train_loss,
            train_accuracy,
            validation_loss,
            validation_accuracy,
            rate,
        )
        self._gains[:] = 0
        self._measured_at["evaluation"] = self.iteration
        self._last_evaluation = evaluation
        losses = np.concatenate([train_loss, validation_loss])
        if not np.isfinite(losses).all() and self._outcome is None:
            self._diverged(float(losses[~np.isfinite(losses)][0]))
        elif self._outcome is None:
            self._check_health()
        self._remember_best(evaluation)
        self._judge(evaluation)
        return evaluation

    def _check_health(self) -> None:
        """End the run as failed when its hidden units have overflowed, or end without a spike."""
        if self._health == "overflow":
            self._fail(
                f"the membranes at iteration {self.iteration} are not finite: the weights or the data are too large. "
                "Scale the data to about -1 to 1, or take smaller steps or first weights, or a larger threshold than "
                f"{self.config.threshold}."
            )
        elif self._health == "silent" and self.iteration >= self.config.iterations:
            self._fail(
                f"no unit of the last hidden layer fires for any training sample at iteration {self.iteration}, so "
                "the outputs are the same for all samples and no reward tells the hidden synapses anything. Take "
                f"larger first weights than {self.config.initial_scale} (initial_scale), a lower threshold than "
                f"{self.config.threshold}, more steps, or larger inputs."
            )

    def _diverged(self, loss: float) -> None:
        """End the run as failed, as an evaluation's loss isn't finite. The weights stay as they are."""
        self._fail(
            f"the loss on the whole data at iteration {self.iteration} is not finite ({loss}): some samples make the "
            "outputs overflow. The weights are kept. Scale the data to about -1 to 1, or take smaller steps or first "
            f"weights.{self._about_feedback()}"
        )

    def _about_feedback(self) -> str:
        """Say why recurrent networks overflow where others would not; empty for others."""
        if self.config.architecture != "recurrent":
            return ""
        return (
            " Recurrent weights multiply the states at every step: take tanh units, whose states stay within -1 and 1, "
            f"or smaller first recurrent weights (recurrent_scale is {self.config.recurrent_scale:g})."
        )

    def _remember_best(self, evaluation: Evaluation) -> None:
        """Keep a copy of the weights with the best validation accuracy (for regression: least loss) so far."""
        accuracies = float(np.mean(evaluation.validation_accuracy))
        by_loss = np.isnan(accuracies) or self._train.truth.values is not None
        score = -float(np.mean(evaluation.validation_loss)) if by_loss else accuracies
        if score > self._best_score:
            self._best_score, self._best_iteration = score, self.iteration
            np.copyto(self._best, self._flat)

    def _judge(self, evaluation: Evaluation) -> None:
        """End the run at its target accuracy, or as failed when it learns nothing (the paper's rule)."""
        config = self.config
        if self._outcome is not None:
            return
        if config.target_accuracy is not None and np.mean(evaluation.validation_accuracy) >= config.target_accuracy:
            self._outcome = "target_reached"
            return
        trained = float(np.mean(evaluation.train_accuracy))
        hopeless = self.iteration == config.give_up_after and trained < config.give_up_below
        if hopeless:
            self._fail(
                f"given up at iteration {self.iteration}: training accuracy {trained:.3f} is below "
                f"{config.give_up_below} (give_up_below). Try another step size, seed or policy, or give up later."
            )

    def _count_actions(self) -> ActionCounts:
        self._measured_at["actions"] = self.iteration
        counts = self._counted().copy()
        self._action_counts[:] = 0
        return ActionCounts(self.iteration, counts)

    def _counted(self) -> NDArray[np.int64]:
        """Return the action counts, (layers, R, 3), up to date: a loop may postpone that."""
        return self._action_counts

    def _measure_samples(self, samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean loss and accuracy of each replicate over samples, chunk by chunk: two (R,) arrays."""
        loss, right = np.zeros(self.network.replicates), np.zeros(self.network.replicates)
        self._healths.clear()
        with np.errstate(all="ignore"):
            for start in range(0, len(samples), CHUNK):
                part = samples.part(start, min(start + CHUNK, len(samples)))
                logits = self._forward(part)
                self._healths.add(self.network.health(self._workspace(len(part))[0]))
                right += len(part) * accuracy(self.config.loss, logits, part.truth)
                loss += len(part) * self._mean_loss(logits, part)
        return loss / len(samples), right / len(samples)

    def _health_of_parts(self) -> Health:
        """Combine the health of parts of the samples: overflow in one part is enough, silence needs all."""
        if "overflow" in self._healths:
            return "overflow"
        return "silent" if self._healths == {"silent"} else "fine"

    def _forward(self, samples: Samples) -> Floats:
        work, _ = self._workspace(len(samples))
        return self.network.forward(self._layers, samples.inputs, work)

    def _mean_loss(self, logits: Floats, samples: Samples) -> NDArray[np.float64]:
        _, work = self._workspace(len(samples))
        return mean_loss(self.config.loss, self.config.loss_exponent, logits, samples.truth, work)

    def batch_loss(self) -> NDArray[np.float64]:
        """Loss of each replicate on the current mini-batch, (R,): one forward pass."""
        self.forward_passes += 1
        config, batch = self.config, self._batches.current
        work, loss_work = self._workspace(len(batch))
        logits = self.network.forward(self._layers, batch.inputs, work)
        return mean_loss(config.loss, config.loss_exponent, logits, batch.truth, loss_work)

    def outputs_of_batch(self) -> Floats:
        """Compute the outputs before softmax for the current mini-batch, (R, outputs, samples). Borrowed."""
        return self._forward(self._batches.current)

    def measure_batch(self) -> None:
        """Measure the current mini-batch, so that the next reward compares with it."""
        self._loss[:] = self.batch_loss()

    def _differentiate_batch(self, gradient: tuple[Floats, ...]) -> NDArray[np.float64]:
        """Loss of each replicate on the current mini-batch, (R,), and its gradient into the layers of `gradient`."""
        batch = self._batches.current
        work, loss_work = self._workspace(len(batch))
        logits = self.network.forward(self._layers, batch.inputs, work)
        loss, slope = output_gradient(self.config.loss, self.config.loss_exponent, logits, batch.truth, loss_work)
        self.network.backward(self._layers, batch.inputs, slope, work, gradient)
        return loss

    def _workspace(self, samples: int) -> tuple[Any, LossWorkspace]:
        if samples not in self._workspaces:
            self._workspaces[samples] = (
                self.network.workspace(samples, self._dtype),
                LossWorkspace(self.network.replicates, samples, self._dtype),
            )
        return self._workspaces[samples]

    # -- reading the state -----------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Copy the weights and the policy's state at the current iteration."""
        return Snapshot(self.iteration, self.network.blocks, self.weights(), self._behaviour())

    def _behaviour(self) -> Behaviour | None:
        return None

    def weights(self) -> tuple[NDArray[np.float32], ...]:
        """Copy the weights: of each layer (R, rows, units) float32, as `Network.layers` describes its rows."""
        return public_layout(self._layers)

    def best_weights(self) -> tuple[NDArray[np.float32], ...]:
        """Copy the weights of the best evaluation so far, as `weights`."""
        return public_layout(self.network.layer_views(self._best))

    @property
    def flat_weights(self) -> Floats:
        """All weights and biases as one vector, the trainer's own: `Network.layer_views` cuts it. Borrowed."""
        return self._flat

    @property
    def batch_inputs(self) -> Floats:
        """Inputs of the current mini-batch, (.., samples), as `Network.arrange` lays them out. Borrowed."""
        return self._batches.current.inputs

    @property
    def batch_indices(self) -> NDArray[np.int64]:
        """(batch,) which training samples the current mini-batch holds. Borrowed."""
        return self._batches.indices

    @property
    def last_loss(self) -> NDArray[np.float64]:
        """(R,) loss on the current mini-batch. Borrowed."""
        return self._loss

    @property
    def last_rewards(self) -> NDArray[np.int8]:
        """(R,) reward codes of the last iteration. Borrowed."""
        return self._rewards

    @property
    def best_iteration(self) -> int:
        """Iteration of the best evaluation so far."""
        return self._best_iteration

    def q_table(self) -> NDArray[np.float64] | None:
        """Copy the Q table of the weights, (R or 1,) + (3,) * (2h + 1); None for gradient descent."""
        return None

    def policy_visits(self) -> NDArray[np.int64] | None:
        """Count how often each cell of the table was used, shaped as `q_table`; None for gradient descent."""
        return None

    def logits(self, features: NDArray[np.floating], *, best: bool = False) -> NDArray[np.float32]:
        """Compute the outputs before softmax for any samples.

        Parameters
        ----------
        features
            (samples, inputs), scaled as the training data.
        best
            Use the weights of the best evaluation instead of the current ones.

        Returns
        -------
        (R, samples, outputs) float32.
        """
        layers = self.network.layer_views(self._best) if best else self._layers
        outputs = np.empty((self.network.replicates, len(features), self.network.sizes[-1]), np.float32)
        with np.errstate(all="ignore"):
            for start in range(0, len(features), CHUNK):
                inputs = self.network.arrange(np.asarray(features[start : start + CHUNK]), self._dtype)
                work = self.network.workspace(inputs.shape[-1], self._dtype)
                outputs[:, start : start + CHUNK] = self.network.forward(layers, inputs, work).transpose(0, 2, 1)
        return outputs

    def predict(self, features: NDArray[np.floating], *, best: bool = False) -> NDArray[np.int64]:
        """Name the class of any samples: (R, samples) int64."""
        logits = self.logits(features, best=best)
        if logits.shape[2] == 1:
            return (logits[:, :, 0] > 0).astype(np.int64)
        classes: NDArray[np.int64] = np.argmax(logits, axis=2)
        return classes

    def predict_proba(self, features: NDArray[np.floating], *, best: bool = False) -> NDArray[np.float64]:
        """Class probabilities of any samples: (R, samples, classes) float64."""
        logits = self.logits(features, best=best).transpose(0, 2, 1)
        return probabilities(self.config.loss, logits).transpose(0, 2, 1)

    # -- state as bytes --------------------------------------------------------------------------------------

    def state_bytes(self) -> bytes:
        """Write the whole state: a trainer resumed from it goes on as this one would, to the bit."""
        meta = {
            "trainer": self.kind,
            "config": stored_form(self.config.model_dump(mode="json")),
            "blocks": to_json(self.network.blocks),
            "content_hash": self._content_hash,
            "split_hash": self.split_hash,
            "iteration": self.iteration,
            "forward_passes": self.forward_passes,
            "measured_at": self._measured_at,
            "outcome": self._outcome,
            "reason": self._reason,
            "best_iteration": self._best_iteration,
            "best_score": self._best_score,
            "batch_rng": checkpoint.generator_state(self._batch_rng),
            "rng": checkpoint.generator_state(self._rng),
        }
        return checkpoint.pack(meta | self._own_meta(), self._arrays())

    def load_state(self, meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Put a new trainer of the same configuration and data into a state that `state_bytes` wrote."""
        for name in ("iteration", "forward_passes", "measured_at", "outcome", "reason"):
            setattr(self, name if name in ("iteration", "forward_passes") else f"_{name}", meta[name])
        self._best_iteration, self._best_score = meta["best_iteration"], meta["best_score"]
        checkpoint.restore_generator(self._batch_rng, meta["batch_rng"])
        checkpoint.restore_generator(self._rng, meta["rng"])
        self._batches.restore(arrays["batch"])
        mine = self._arrays()
        for name in mine.keys() - {"batch"}:
            if mine[name].shape != arrays[name].shape:
                raise ValueError(f"{name} has shape {arrays[name].shape}; this trainer's has {mine[name].shape}")
            np.copyto(mine[name], arrays[name], casting="no")

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of the state, by name: restored in place."""
        return {
            "weights": self._flat,
            "best": self._best,
            "batch": self._batches.indices,
            "loss": self._loss,
            "rewards": self._rewards,
            "gains": self._gains,
            "action_counts": self._counted(),
        }

    def _own_meta(self) -> dict[str, Any]:
        return {}
