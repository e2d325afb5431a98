"""Schemas of inspection: weights, the policy, a synapse."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from synrl_core.networks.blocks import BlockKind


class WeightBlock(BaseModel):
    """Rows of a layer's matrix: the synapses of one kind from one group of units."""

    source: str = Field(description="Group of units: ones (biases), inputs, hidden_1 and so on.")
    kind: BlockKind = Field(description="recurrent: from the layer's own units, one step earlier.")
    rows: int


class LayerWeights(BaseModel):
    """One layer's weights in a byte each: weight = scale * int8 / 127."""

    rows: int = Field(description="Synapses that end at each unit, its bias included.")
    columns: int = Field(description="Units of the layer.")
    scale: float = Field(description="Largest absolute value of the finite weights.")
    not_finite: int = Field(default=0, description="Weights that are infinite or no number; they are sent as 0.")
    data: str = Field(description="rows * columns int8, row by row, base64.")
    blocks: list[WeightBlock] = Field(description="What the rows are, from row 0 on: first the biases.")


class Weights(BaseModel):
    """The weights of one replicate at one iteration."""

    iteration: int
    replicate: int = 0
    layers: list[LayerWeights] = Field(description="A layer has one scale for all its replicates.")


class PolicyRead(BaseModel):
    """Policy table at one iteration, visits of its cells, and the reward history.

    The lists are tables (3 actions, 3^h last actions, 3^h last rewards) in C order; a sequence of h codes 0, 1, 2 for
    -1, 0 (none yet), +1 is read as a number in base 3, the oldest first.
    """

    iteration: int
    replicate: int
    history: int = Field(description="h, how many past actions and rewards the table looks at.")
    table: list[float]
    bias_table: list[float] | None = Field(description="Null where biases act by the table of the weights.")
    visits: list[int] = Field(description="How often each cell was used since the start.")
    rewards: int = Field(description="The last h rewards: the place in the table where all synapses are.")
    exploration: float = Field(description="Probability of a random next action.")
    bias_exploration: float | None = Field(
        default=None, description="The same of the biases; null where they act by the table of the weights."
    )
    temperature: float = Field(
        description="0: the action of the highest value is taken. Above 0 it is drawn, with the probabilities "
        "softmax(table / temperature) over the actions. Either way exploration is mixed in."
    )
    bias_temperature: float | None = Field(
        description="The same of the table of the biases; null where biases act by the table of the weights."
    )


class SynapseUpdate(BaseModel):
    """How one action and its reward would change the table: value + rate * (target - value)."""

    action: int = Field(description="-1, 0 or +1.")
    reward: int = Field(description="-1 or +1.")
    value: float = Field(description="Q of the action in the state before.")
    next_state: tuple[int, int] = Field(description="Last actions and last rewards that follow.")
    best_next: float = Field(description="Highest value in the state that follows.")
    target: float = Field(description="reward + discount * best_next.")
    rate: float = Field(description="Learning rate; other synapses that do the same in this state add to it.")
    new_value: float = Field(description="Q of the action in the state before, after the update.")


class SynapseRead(BaseModel):
    """State of one synapse at one iteration, and its next action."""

    iteration: int
    replicate: int
    layer: int = Field(description="0 is the layer that sees the inputs.")
    input: int = Field(description="0 is the bias, 1 the first input of the layer.")
    unit: int = Field(description="0 is the first unit of the layer.")
    live: bool = Field(description="Whether the run is training and this is its newest look, not a stored snapshot.")
    weight: float
    first_weight: float | None = Field(description="At iteration 0; null where that snapshot is not stored.")
    actions: list[int] = Field(description="The last h actions, -1, 0 or +1, oldest first; empty without a policy.")
    rewards: list[int] = Field(description="The last h rewards, -1, +1, or 0 where there was none yet, oldest first.")
    state: tuple[int, int] | None = Field(description="Its place in the table: last actions, last rewards.")
    values: list[float] = Field(description="Q of down, stay and up in that state.")
    visits: list[int] = Field(description="How often any synapse took each of them there.")
    next_action: int | None = Field(
        description="-1, 0 or +1: what it does unless it explores; where actions are drawn, the likeliest."
    )
    probabilities: list[float] = Field(
        description="Of down, stay and up. Where the temperature is 0, the action of the highest value has all that "
        "exploration leaves; above 0 the three have softmax(values / temperature) of it."
    )
    next_step: float | None = Field(description="How far a step of it would move the weight.")
    temperature: float | None = Field(
        description="Of the policy it acts by: 0 for one that takes the highest value, above 0 for one that draws; "
        "null without a policy."
    )
    exploration: float | None = Field(description="Probability of a random action; null without a policy.")
    next_weights: list[float] = Field(description="The weight after down, stay and up.")
    updates: list[SynapseUpdate] = Field(
        description="In adaptive runs: what each action would teach the table, after the reward -1 and after +1."
    )


class SnapshotRead(BaseModel):
    """A stored copy of the weights."""

    model_config = ConfigDict(from_attributes=True)

    iteration: int
