"""SynapticRLClassifier: synaptic reinforcement learning as a scikit-learn estimator."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, NoReturn, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_array, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import check_consistent_length, check_is_fitted, check_non_negative, validate_data

from synrl_core import policies
from synrl_core.checks import DataShape, check_config, check_range, find_policies
from synrl_core.config import Loss, TrainingConfig
from synrl_core.learning import checkpoint
from synrl_core.learning.data import Samples
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.measuring.events import Finished
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import Network, engine_layout
from synrl_core.networks.losses import Truth, probabilities

#: Parameters that are numbers, each with the setting whose range it has.
_NUMBERS = {
    "iterations": "iterations",
    "partial_iterations": "iterations",
    "step_size": "step_size",
    "final_share": "step_size_final_share",
    "exploration": "exploration",
    "batch_size": "batch_size",
    "batch_interval": "batch_interval",
    "steps": "steps",
    "threshold": "threshold",
}
#: Parameters that are words, each with the setting of the same name.
_WORDS = ("activation", "architecture", "encoding", "initialisation")


class SynapticRLClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network whose synapses learn by reinforcement, without gradients: feedforward, recurrent or spiking.

    Scale the features to about -1 to 1 first (`sklearn.preprocessing.StandardScaler`): a weight moves by at most
    `step_size` an iteration. Ranges and meanings are those of `synrl_core.config.TrainingConfig`.

    Several labels a sample (an indicator matrix) get an output each. Sparse samples are made dense: a layer is a
    product with all of its inputs.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(32,)
        Units of each hidden layer; one number is one layer. Empty: a linear classifier.
    activation : {"relu", "tanh", "sigmoid", "identity", "step", "sign"}, default="relu"
        Activation of hidden units.
    policy : str, default="bred_stochastic"
        Name of a policy that ships (`synrl_core.policies.names`).
    iterations : int, default=2000
        How often every synapse acts in `fit`, and the length over which the step size falls.
    partial_iterations : int, default=200
        How often every synapse acts in one `partial_fit`.
    step_size : float, default=1e-2
        How far one action moves a weight at first.
    final_share : float, default=0.03
        Share of the step size that is left after `iterations`; it falls linearly.
    exploration : float or None, default=None
        Probability that a synapse acts at random. None: 0 with a policy that draws its actions, as the default, else
        0.1.
    batch_size : int, default=5000
        Samples in a mini-batch; no more than there are.
    batch_interval : int, default=1000
        Iterations on one mini-batch.
    random_state : int, RandomState or None, default=None
        Start of all randomness. An int makes `fit` reproducible.
    architecture : {"feedforward", "recurrent", "spiking"}, default="feedforward"
        Recurrent and spiking networks read each sample step by step; samples may then be sequences, an array of shape
        (n_samples, n_steps, n_inputs).
    encoding : {"direct", "latency", "rate"}, default="direct"
        How a sample that is no sequence is read over time; all but "direct" need features from 0 to 1.
    steps : int, default=8
        For how many steps such a sample is shown.
    membrane_decay, threshold : float, default=0.9, 1.0
        Of spiking units.
    recurrent_weights : bool, default=False
        Whether spiking units get the spikes of their own layer.
    initialisation : {"uniform", "normal", "glorot_uniform", "he_normal"}, default="uniform"
        Distribution of the first weights. Recurrent and spiking networks learn better from "he_normal".

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels; for several labels a sample, the columns of the indicator matrix.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Weights of each layer; of recurrent layers, those from their own units are the last rows.
    intercepts_ : list of ndarray of shape (fan_out,)
        Biases of each layer.
    loss_ : float
        Cross-entropy on the last mini-batch.
    n_iter_ : int
        Iterations done.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if `fit` saw a data frame with string names.

    References
    ----------
    Bhargava, Rezaei, Lankarany: Gradient-Free Neural Network Training via Synaptic-Level Reinforcement Learning,
    arXiv 2105.14383.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), SynapticRLClassifier(iterations=1000, random_state=0))
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (32,),
        activation: str = "relu",
        *,
        policy: str = "bred_stochastic",
        iterations: int = 2000,
        partial_iterations: int = 200,
        step_size: float = 1e-2,
        final_share: float = 0.03,
        exploration: float | None = None,
        batch_size: int = 5000,
        batch_interval: int = 1000,
        random_state: Any = None,
        architecture: str = "feedforward",
        encoding: str = "direct",
        steps: int = 8,
        membrane_decay: float = 0.9,
        threshold: float = 1.0,
        recurrent_weights: bool = False,
        initialisation: str = "uniform",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.policy = policy
        self.iterations = iterations
        self.partial_iterations = partial_iterations
        self.step_size = step_size
        self.final_share = final_share
        self.exploration = exploration
        self.batch_size = batch_size
        self.batch_interval = batch_interval
        self.random_state = random_state
        self.architecture = architecture
        self.encoding = encoding
        self.steps = steps
        self.membrane_decay = membrane_decay
        self.threshold = threshold
        self.recurrent_weights = recurrent_weights
        self.initialisation = initialisation

    def __sklearn_tags__(self) -> Tags:
        """Declare the samples and classes that are accepted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SynapticRLClassifier:
        """Train a new network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples, finite.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their classes, at least two; or an indicator matrix of 0 and 1.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts in the loss: 2 is as if it were there twice, 0 as if it were not.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For samples that aren't finite, one class, no weight above 0, or a parameter out of its range.
        """
        layers = self._check_parameters()
        samples, labels, weights = self._checked(X, y, sample_weight, first=True)
        self.classes_ = self._classes_of(labels)
        trainer = self._new_trainer(samples, labels, weights, layers, self.iterations)
        return self._train(trainer)

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> SynapticRLClassifier:
        """Train on for `partial_iterations` on these samples, from where the network stands.

        Parameters
        ----------
        X, y, sample_weight
            Samples, their classes and weights, as in `fit`.
        classes : array-like of shape (n_classes,)
            All classes there will be; needed in the first call, unless `y` is an indicator matrix. In later calls they
            may be left out, else they must be the same.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            As `fit`; and for classes that the first call did not name.
        """
        layers = self._check_parameters()
        first = not hasattr(self, "classes_")
        samples, labels, weights = self._checked(X, y, sample_weight, first)
        if first and self._multilabel:
            self.classes_ = self._classes_of(labels)
        elif first:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit: it can't see later ones.")
            self.classes_ = unique_labels(classes)
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"`classes` is not the same as on last call to partial_fit, was: {_listed(self.classes_)}, "
                f"now: {_listed(unique_labels(classes))}. A network has an output a class from the first call on."
            )
        if not self._multilabel:
            unknown = np.setdiff1d(labels, self.classes_)
            if len(unknown):
                raise ValueError(
                    f"`y` has classes that are not among `classes`: {_listed(unknown)}; known are "
                    f"{_listed(self.classes_)}."
                )
        done = 0 if first else self.n_iter_
        trainer = self._new_trainer(samples, labels, weights, layers, done + self.partial_iterations)
        if not first:
            meta, arrays = checkpoint.unpack(self._state)
            trainer.load_state(meta, arrays | {"batch": trainer.batch_indices})
            trainer.measure_batch()
        return self._train(trainer)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Name the class of each sample, (n_samples,), or its labels, (n_samples, n_labels) of 0 and 1."""
        shares = self.predict_proba(X)
        if self._multilabel:
            return (shares > 0.5).astype(np.int64)
        classes: NDArray[Any] = self.classes_[np.argmax(shares, axis=1)]
        return classes

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probability of each class, or of each label, for each sample: (n_samples, n_classes)."""
        check_is_fitted(self)
        X = self._flat(X, first=False)
        samples = _dense(validate_data(self, X, dtype=np.float64, accept_sparse="csr", reset=False))
        network = self._network()
        # Spikes are decided by a comparison: as in training, so that rounding decides alike.
        dtype = np.float32 if self._config.architecture == "spiking" else np.float64
        layers = engine_layout(
            [np.vstack([bias, weights])[None] for weights, bias in zip(self.coefs_, self.intercepts_, strict=True)],
            dtype,
        )
        work = network.workspace(len(samples), dtype)
        logits = network.forward(layers, network.arrange(samples, dtype), work)
        return np.ascontiguousarray(probabilities(self._loss, logits)[0].T)

    def _network(self) -> Network:
        return make_network(self._config, self._sample_shape or self.n_features_in_, len(self.classes_))

    @property
    def _loss(self) -> Loss:
        return "logistic" if self._multilabel else "cross_entropy"

    def _check_parameters(self) -> tuple[int, ...]:
        """Check all parameters before any is used, and return the units of each hidden layer.

        Raises
        ------
        ValueError
            Naming the parameter, what it must be, and what it is.
        """
        words = {name: get_args(TrainingConfig.model_fields[name].annotation) for name in _WORDS}
        words["encoding"] = tuple(word for word in words["encoding"] if word != "rows")
        for name, allowed in (*words.items(), ("policy", policies.names())):
            value = getattr(self, name)
            if not isinstance(value, str) or value not in allowed:
                self._refuse(name, f"a str among {{{', '.join(map(repr, sorted(allowed)))}}}", value)
        for name, setting in _NUMBERS.items():
            field = TrainingConfig.model_fields[setting]
            if getattr(self, name) is None and type(None) in get_args(field.annotation):
                continue
            kind, type_name = (numbers.Integral, "int") if field.annotation is int else (numbers.Real, "float")
            self._check_number(name, getattr(self, name), kind, type_name, field.metadata)
        if not _is(self.membrane_decay, numbers.Real) or not 0 <= self.membrane_decay < 1:
            self._refuse("membrane_decay", "a float in the range [0, 1)", self.membrane_decay)
        given = self.hidden_layer_sizes
        layers: Any = [given] if isinstance(given, numbers.Number) else given
        if isinstance(layers, str | bytes) or not isinstance(layers, Sequence | np.ndarray):
            self._refuse("hidden_layer_sizes", "an int or a sequence of int, such as (64, 32)", given)
        unit = TrainingConfig.model_json_schema()["properties"]["hidden_layers"]["items"]
        for size in layers:
            if not _is(size, numbers.Integral) or not unit["minimum"] <= size <= unit["maximum"]:
                self._refuse(
                    "hidden_layer_sizes", f"units from {unit['minimum']} to {unit['maximum']} for each layer", given
                )
        return tuple(int(size) for size in layers)

    def _check_number(self, name: str, value: Any, kind: type, type_name: str, bounds: list[Any]) -> None:
        low = next((bound.gt if hasattr(bound, "gt") else bound.ge for bound in bounds
                    if hasattr(bound, "gt") or hasattr(bound, "ge")), 0)  # fmt: skip
        high = next((bound.le for bound in bounds if hasattr(bound, "le")), float("inf"))
        is_open = any(hasattr(bound, "gt") for bound in bounds)
        if not _is(value, kind) or not (low < value if is_open else low <= value) or not value <= high:
            self._refuse(name, f"{'an' if type_name == 'int' else 'a'} {type_name} in the range "
                               f"{'(' if is_open else '['}{low:,}, {high:,}]", value)  # fmt: skip

    def _refuse(self, name: str, expected: str, value: Any) -> NoReturn:
        raise ValueError(f"The {name!r} parameter of {type(self).__name__} must be {expected}. Got {value!r} instead.")

    def _checked(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, first: bool
    ) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[np.float64] | None]:
        """Check samples, classes and weights, and leave out the samples that don't count."""
        X = self._flat(X, first=first)
        samples, labels = validate_data(
            self, X, y, dtype=np.float32, accept_sparse="csr", multi_output=True, y_numeric=False, reset=first
        )
        check_classification_targets(labels)
        multilabel = type_of_target(labels) == "multilabel-indicator"
        if not multilabel:
            labels = column_or_1d(labels, warn=True)
        if first:
            self._multilabel = multilabel
        elif multilabel != self._multilabel or (multilabel and labels.shape[1] != len(self.classes_)):
            raise ValueError(f"`y` has shape {labels.shape}; the network was first trained on other classes or labels.")
        labels = _dense(labels)
        if sample_weight is None:
            return _dense(samples), labels, None
        weights = _weights(sample_weight, len(labels))
        counts = weights > 0
        if not counts.any():
            raise ValueError("all sample weights are zero; at least one sample must count.")
        return _dense(samples)[counts], labels[counts], weights[counts]

    def _flat(self, X: ArrayLike, *, first: bool) -> ArrayLike:
        """Write the steps of each sequence one after another; other samples stay as they are."""
        is_sequence = self.architecture != "feedforward" and isinstance(X, np.ndarray) and X.ndim == 3
        shape = (X.shape[1], 1, X.shape[2]) if isinstance(X, np.ndarray) and is_sequence else ()
        if first:
            self._sample_shape = shape
        elif shape != self._sample_shape:
            wanted = "sequences of (steps, 1, inputs) " + str(self._sample_shape) if self._sample_shape else "rows"
            raise ValueError(f"X has samples of shape {shape or 'rows'}; the network was trained on {wanted}.")
        return X.reshape(len(X), -1) if isinstance(X, np.ndarray) and is_sequence else X

    def _classes_of(self, labels: NDArray[Any]) -> NDArray[Any]:
        classes: NDArray[Any] = np.arange(labels.shape[1]) if self._multilabel else unique_labels(labels)
        return classes

    def _new_trainer(
        self,
        X: NDArray[np.float32],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        layers: tuple[int, ...],
        iterations: int,
    ) -> SynapticTrainer:
        """Make a trainer on these samples; at least two classes, or labels of any number."""
        if len(self.classes_) < 2:
            raise ValueError(
                f"the samples have 1 class, {_listed(self.classes_)}; at least 2 are needed, else there is nothing to "
                "tell apart."
            )
        if self._multilabel:
            truth = Truth(np.zeros(len(X), np.int64), y.T.astype(np.float32), weights)
        else:
            truth = Truth(np.searchsorted(self.classes_, y), None, weights)
        config = TrainingConfig(
            hidden_layers=layers,
            activation=self.activation,
            loss=self._loss,
            policy=self.policy,
            iterations=iterations,
            schedule_iterations=self.iterations,
            step_size=self.step_size,
            step_size_schedule="linear",
            step_size_final_share=self.final_share,
            exploration=self.exploration,
            batch_size=min(self.batch_size, len(X)),
            batch_interval=self.batch_interval,
            evaluate_every=10_000_000,
            snapshot_every=100_000_000,
            seed=int(check_random_state(self.random_state).randint(2**31)),
            architecture=self.architecture,
            encoding=self.encoding,
            steps=self.steps,
            membrane_decay=self.membrane_decay,
            threshold=self.threshold,
            recurrent_weights=self.recurrent_weights,
            initialisation=self.initialisation,
        )
        outputs = 2 if self._multilabel else len(self.classes_)
        check_config(config, DataShape(len(X), X.shape[1], outputs, sample_shape=self._sample_shape))
        if not self._sample_shape:
            check_range(config, X)
        self._config = config
        network = self._network()
        samples = Samples(network.arrange(X), truth)
        return SynapticTrainer(config, network, samples, samples, *find_policies(config))

    def _train(self, trainer: SynapticTrainer) -> SynapticRLClassifier:
        """Run a trainer to its end and keep its weights."""
        for event in trainer.events():
            if isinstance(event, Finished) and event.outcome == "failed":
                raise ValueError(event.reason)
        layers = [layer[0] for layer in trainer.weights()]
        self.coefs_ = [layer[1:] for layer in layers]
        self.intercepts_ = [layer[0] for layer in layers]
        self.loss_ = float(trainer.last_loss[0])
        self.n_iter_ = trainer.iteration
        self._state = trainer.state_bytes()
        return self


def _weights(sample_weight: ArrayLike, samples: int) -> NDArray[np.float64]:
    """Check weights: one a sample, finite, none negative; a single number is every sample's."""
    if isinstance(sample_weight, numbers.Number):
        sample_weight = np.full(samples, sample_weight, dtype=np.float64)
    weights: NDArray[np.float64] = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.ndim != 1:
        raise ValueError(f"Sample weights must be 1D array or scalar, got {weights.ndim}D array of {weights.shape}.")
    check_consistent_length(weights, np.empty(samples))
    check_non_negative(weights, "`sample_weight`")
    return weights


def _is(value: Any, kind: type) -> bool:
    """Return whether a value is a number of a kind; True and False are none."""
    return isinstance(value, kind) and not isinstance(value, bool | np.bool_)


def _listed(classes: NDArray[Any]) -> str:
    """Format classes as Python does, not as NumPy does: 0 and not np.int64(0)."""
    return f"[{', '.join(map(repr, classes.tolist()))}]" if len(classes) != 1 else repr(classes.tolist()[0])


def _dense(array: Any) -> NDArray[Any]:
    """Convert a sparse matrix to a dense one."""
    dense: NDArray[Any] = array.toarray() if sparse.issparse(array) else array
    return dense
