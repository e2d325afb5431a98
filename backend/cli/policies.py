"""`synrl policy`: breed, show and convert policies."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backend.cli.common import (
    Number,
    WholeNumber,
    given_options,
    json_object,
    listed,
    option_name,
    read_bytes,
    refuse_to_overwrite,
    reporting_errors,
    write_whole,
)
from backend.cli.policy_table import action_table
from backend.cli.startup import load_settings, opened_storage
from backend.kit.errors import InvalidError, NotFoundError
from backend.policy_library import service
from backend.policy_library.schemas import DerivedPolicy, Origin
from synrl_core.validation_messages import did_you_mean

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    from synrl_core.breeding.breeding import BreedingConfig
    from synrl_core.policies.files import Remarks
    from synrl_core.policies.policy import Policy

#: A small breeding: all of it in less than a minute, on the digits alone.
QUICK: dict[str, Any] = {
    "parents": 4, "parent_iterations": 4000, "generations": 4, "population": 10, "elite": 4, "race_iterations": 500,
    "final_iterations": 1500, "bowl": {"generations": 60},
    "tasks": ({"dataset": "digits", "samples": 500}, {"dataset": "digits", "hidden_layers": (16,), "samples": 500}),
}  # fmt: skip

#: Names of the library that an unknown one is answered with.
_NAMES_TOLD = 20


@click.group()
def policy() -> None:
    """Policies: the tables by which synapses act."""


@policy.command()
@click.argument("path", metavar="[FILE.json]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="Name of the policy. Default: the file's name, or bred.")
@click.option("--seed", help="Seed of all random numbers: the same settings breed the same policy. Default: 0.")
@click.option("--history", help="Actions and rewards that a synapse remembers, 1 to 3. Default: 2.")
@click.option("--schools", help="Data sets on which parents learn. Default: teacher,circles,moons.")
@click.option("--parents", help="Tables learned on each of these data sets. Default: 6.")
@click.option("--parent-iterations", help="Iterations for which each parent learns. Default: 8000.")
@click.option("--generations", help="Times that the best tables are crossed and raced. Default: 8.")
@click.option("--population", help="Tables in a race. Default: 16.")
@click.option("--elite", help="Tables that are crossed, and that meet in the final. Default: 5.")
@click.option("--race-iterations", help="Iterations of a race. Default: 1000.")
@click.option("--race-seeds", help="Networks that each table trains in a race. Default: 2.")
@click.option("--final-iterations", help="Iterations of the final. Default: 4000.")
@click.option("--final-seeds", help="Networks that each table trains in the final. Default: 4.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="JSON with any of these settings, and the rarer ones of `BreedingConfig`, such as `tasks`.",
)
@click.option("--quick", is_flag=True, help="A small breeding, in less than a minute; other options still count.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--add", "is_added", is_flag=True, help="Store the policy in the library as well, for runs to use.")
def train(
    path: Path | None, config_file: Path | None, quick: bool, force: bool, is_added: bool, **options: Any
) -> None:
    """Train a policy by breeding, and write it to FILE.json (default: NAME.json) with its lineage.

    `synrl policy breed` is the same command. Tables learn on problems in the plane, are frozen, crossed and raced on
    data they have not learned from. Progress goes to the standard error. Ctrl-C ends it and writes nothing. To use
    the policy in runs: --add, or `synrl policy add FILE.json` later.

    For example: synrl policy train mine.json --quick --add
    """
    from threadpoolctl import threadpool_limits

    from synrl_core.breeding.breeding import BreedingConfig, breed
    from synrl_core.datasets import UnknownDatasetError
    from synrl_core.policies.files import to_json

    settings = (QUICK if quick else {}) | (json_object(config_file) if config_file else {}) | given_options(options)
    if isinstance(settings.get("schools"), str):
        settings["schools"] = listed(settings["schools"])
    if path is not None:
        settings.setdefault("name", path.stem)
    with reporting_errors(model=BreedingConfig):
        config = BreedingConfig.model_validate(settings)
    _check_data(config)
    target = path or Path(f"{config.name}.json")
    if target.suffix != ".json":
        raise click.ClickException(f"{target} must end in .json; `synrl policy convert` makes other formats of it.")
    refuse_to_overwrite(target, force)
    started = time.monotonic()
    click.echo(f"Breeding '{config.name}'; scores are compared with win-stay lose-shift, below 0 is better.", err=True)

    def progress(line: str) -> None:
        click.echo(f"{time.monotonic() - started:7.1f} s  {line}", err=True)

    with reporting_errors(UnknownDatasetError, ValueError), threadpool_limits(1):  # its products are small
        bred = _described(breed(config, commit=program(), progress=progress), config)
    refuse_to_overwrite(target, force)  # somebody may have written it meanwhile
    write_whole(target, to_json(bred).encode() + b"\n")
    click.echo(f"Written: {target} (policy '{bred.name}', score {bred.lineage['score']:+.3f})")
    if is_added:
        _add_file(target, origin=Origin.BRED)


policy.add_command(train, "breed")


@policy.command("list")
def list_() -> None:
    """List the policies that ship."""
    from synrl_core import policies

    for name in policies.names():
        one = policies.get(name)
        click.echo(f"{name:<22} {one.title}: {one.description}")


@policy.command()
@click.argument("source", metavar="NAME|FILE|ID")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, its whole table and lineage.")
def show(source: str, as_json: bool) -> None:
    """Show a policy that ships, one in a file (JSON, NPZ, or the authors' JLD2), or one of the library."""
    from synrl_core.policies.files import to_json

    one = load(source)
    if as_json:
        click.echo(to_json(one))
        return
    click.echo(f"{one.name}: {one.title}\n{one.description}".strip())
    click.echo(f"history {one.history}, table {' x '.join(map(str, one.q.shape))}, {one.q.size} values")
    if one.temperature:
        click.echo(f"draws its actions: softmax at temperature {one.temperature:g}")
    if one.exploration:
        click.echo(f"explores with a probability of at least {one.exploration:g}")
    for key, value in one.lineage.items():
        shown = value if isinstance(value, str | int | float) else json.dumps(value)
        click.echo(f"{key}: {shown if len(str(shown)) < 100 else f'{str(shown)[:97]}...'}")
    click.echo(f"\n{action_table(one)}")


@policy.command()
@click.argument("source", metavar="NAME|FILE|ID")
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="Call it otherwise.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def convert(source: str, target: Path, name: str | None, force: bool) -> None:
    """Write a policy that ships, one in a file, or one of the library to TARGET: .json or .npz.

    The authors' JLD2 is read, not written.
    """
    from dataclasses import replace

    from synrl_core.policies import files

    if target.suffix not in (".json", ".npz"):
        raise click.ClickException(f"{target} must end in .json or .npz: those are the formats that can be written.")
    one, remarks = load(source), _remarks(source)
    if name is not None:
        with reporting_errors(files.PolicyFileError):
            one = files.from_json(files.to_json(replace(one, name=name)))  # a file's rules for names are the reader's
    refuse_to_overwrite(target, force)
    write_whole(
        target, files.to_npz(one, remarks) if target.suffix == ".npz" else files.to_json(one, remarks).encode() + b"\n"
    )
    click.echo(f"Written: {target} (policy '{one.name}', history {one.history})")


@policy.command()
def library() -> None:
    """List the policy library of this data folder: policies that were bred, learned, edited or imported."""
    with opened_storage() as (store, _), store.read() as session:
        stored = [one for one in service.listing(session) if one.owner is not None]
    if not stored:
        click.echo("The library is empty. `synrl policy add FILE` stores a policy in it.")
    for one in stored:
        used = f", used by {one.runs} run{'s' if one.runs != 1 else ''}" if one.runs else ""
        hidden = ", archived" if one.archived else ""
        click.echo(f"{one.id}  {one.name}  ({one.origin}, history {one.history}{used}{hidden})")


@policy.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="How configurations name it. Default: as in the file. A name that is taken gets a number.")
def add(path: Path, name: str | None) -> None:
    """Store the policy of FILE (JSON, NPZ, or the authors' JLD2) in the library, for runs to use by its name."""
    _add_file(path, name)


def _add_file(path: Path, name: str | None = None, origin: Origin = Origin.IMPORTED) -> None:
    data = read_policy(path)
    with opened_storage() as (store, _), store.write() as session:
        stored = service.import_file(session, data, path.name, name, origin=origin)
    click.echo(f"{'Stored' if stored.is_new else 'Here already'}: policy '{stored.policy.name}' ({stored.policy.id})")
    click.echo(f'  Train with it: "policy": "{stored.policy.name}" in a run\'s configuration.')


@policy.command()
@click.argument("source", metavar="NAME|ID")
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(source: str, target: Path, force: bool) -> None:
    """Write a policy of the library to TARGET: .json or .npz, with its lineage."""
    if target.suffix not in (".json", ".npz"):
        raise click.ClickException(f"{target} must end in .json or .npz: those are the formats that can be written.")
    refuse_to_overwrite(target, force)
    with opened_storage() as (store, _), store.read() as session:
        _, data = service.export(session, service.id_of(session, source), target.suffix[1:])
    write_whole(target, data)
    click.echo(f"Written: {target}")


@policy.command()
@click.argument("source", metavar="NAME|ID")
def remove(source: str) -> None:
    """Remove a policy that no run uses from the library."""
    with opened_storage() as (store, _), store.write() as session:
        service.delete(session, service.id_of(session, source))
    click.echo(f"Removed: {source}")


@policy.command()
@click.argument("one", metavar="NAME|ID")
@click.argument("other", metavar="NAME|ID")
@click.option("--share", type=Number(0, 1), default=0.5, show_default=True, help="Of states of the second.")
@click.option("--seed", type=WholeNumber(0), default=0, show_default=True, help="Of what is drawn.")
@click.option("--name", help="How configurations name it. Default: made from the parents' names.")
def cross(one: str, other: str, share: float, seed: int, name: str | None) -> None:
    """Cross two policies: in each state the child acts as one or the other does. It goes into the library."""
    _derive("cross", [one, other], share=share, seed=seed, name=name)


@policy.command()
@click.argument("source", metavar="NAME|ID")
@click.option("--changes", type=WholeNumber(1), default=2, show_default=True, help="States that change.")
@click.option("--seed", type=WholeNumber(0), default=0, show_default=True, help="Of what is drawn.")
@click.option("--name", help="How configurations name it. Default: made from the parent's name.")
def mutate(source: str, changes: int, seed: int, name: str | None) -> None:
    """Mutate a policy: another action is the likeliest in some states. The mutant goes into the library."""
    _derive("mutate", [source], changes=changes, seed=seed, name=name)


@policy.command()
@click.argument("source", metavar="NAME|ID")
@click.option("--symmetric/--as-it-is", default=True, show_default=True, help="Make it mirror symmetric first.")
@click.option("--name", help="How configurations name it. Default: made from the parent's name.")
def freeze(source: str, symmetric: bool, name: str | None) -> None:
    """Freeze a policy to its best action in every state. The frozen one goes into the library."""
    _derive("freeze", [source], symmetric=symmetric, name=name)


def _derive(how: str, sources: list[str], **settings: Any) -> None:
    from backend.policy_library import making
    from synrl_core import policies

    with opened_storage() as (store, _), store.write() as session, reporting_errors(model=DerivedPolicy):
        parents = [one if one in policies.names() else service.id_of(session, one) for one in sources]
        body = DerivedPolicy.model_validate({"how": how, "parents": parents, **settings})
        stored = making.derive_policy(session, body)
    click.echo(f"{'Stored' if stored.is_new else 'Here already'}: policy '{stored.policy.name}' ({stored.policy.id})")


def load(source: str, history: int | None = None) -> Policy:
    """Read a policy by the name under which it ships, from a file, or from the library by its name or id.

    Parameters
    ----------
    history
        Of a rule that ships, which is written for any.

    Raises
    ------
    click.ClickException
        When it is none of these, or the file is damaged.
    """
    from synrl_core import policies
    from synrl_core.policies import files

    if source in policies.names():
        return policies.get(source, history)
    path = Path(source)
    if path.is_file():
        with reporting_errors(files.PolicyFileError):
            return files.read(read_policy(path), path.stem)
    named = list(policies.names())
    settings = load_settings()
    if settings.database_url or settings.data_dir.is_dir():  # to look for a name makes no library
        with opened_storage() as (store, _), store.read() as session:
            try:
                return service.policy_of(session, service.id_of(session, source))
            except NotFoundError:
                stored = [one.name for one in service.listing(session) if one.owner is not None and not one.archived]
        named += stored[:_NAMES_TOLD]
    raise click.ClickException(
        f"there is no file {source}, and no policy of that name ships or is in the library."
        f"{did_you_mean(source, named)} These are: {', '.join(named)}."
    )


def read_policy(path: Path) -> bytes:
    """Read a policy's file; one that is too large for a policy is refused before it is read."""
    with suppress(OSError):  # what is wrong is said when it is read
        try:
            service.check_size(path.stat().st_size, path.name)
        except InvalidError as error:
            raise click.ClickException(error.detail) from error
    return read_bytes(path)


def _remarks(source: str) -> Remarks:
    """Read notes and tags of what `load` found."""
    from synrl_core import policies
    from synrl_core.policies import files

    if source in policies.names():
        return files.Remarks()
    path = Path(source)
    if path.is_file():
        with reporting_errors(files.PolicyFileError):
            return files.read_remarks(read_policy(path))
    with opened_storage() as (store, _), store.read() as session:
        return service.remarks_of(session, service.id_of(session, source))


def program() -> str:
    """Return the version of this program, and the commit of the source tree it runs from, if it does."""
    release = f"synrl {version('synrl')}"
    try:
        asked = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return release
    return f"{release}, commit {found.stdout.strip()}" if found.returncode == 0 else release


def _described(bred: Policy, config: BreedingConfig) -> Policy:
    """Add to the lineage of a policy the data on which it learned and raced, defaults included."""
    from dataclasses import replace

    raced = dict.fromkeys(task.dataset for task in config.tasks)
    description = f"Learned on {', '.join(config.schools)}; the best were crossed and raced on {', '.join(raced)}"
    description += ", and evolved on a bowl into one that draws its actions." if bred.temperature else "."
    return replace(bred, title=config.name, description=description)


def _check_data(config: BreedingConfig) -> None:
    from synrl_core import datasets

    named = [("schools", name) for name in config.schools] + [
        (setting, task.dataset) for setting in ("tasks", "final_tasks") for task in getattr(config, setting)
    ]
    for setting, name in named:
        if name not in datasets.names():
            raise click.ClickException(
                f"{option_name(setting)}: there is no data set '{name}'.{did_you_mean(name, datasets.names())} Choose "
                f"of: {', '.join(datasets.names())}."
            )
