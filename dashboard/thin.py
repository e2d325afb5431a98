"""Import only those components of Dash's libraries that the pages use.

Each library imports all of its components, 290 modules, a tenth of the server's start. Their packages list them in a
module ``_imports_``; in its place the import system finds one here that lists what is named below.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

#: Components that the pages, and Dash itself, use of each library; tests/dashboard/test_thin.py compares it with them.
COMPONENTS = {
    "dash.dcc": ("Graph", "Link", "Location", "Store"),
    "dash.html": (
        "A", "Article", "Button", "Code", "Dd", "Details", "Div", "Dl", "Dt", "Form", "H1", "H2", "H3", "Header",
        "Img", "Label", "Li", "Main", "Nav", "Ol", "P", "Q", "Section", "Select", "Span", "Strong", "Summary",
        "Table", "Tbody", "Td", "Th", "Thead", "Tr", "Ul",
    ),
    "dash_mantine_components": (
        "ColorSchemeToggle", "MantineProvider", "SegmentedControl", "Select", "Tabs", "TabsList", "TabsPanel",
        "TabsTab",
    ),
}  # fmt: skip
_LIST = "._imports_"


class Listing(Loader):
    """Loads the list of a library's components."""

    def exec_module(self, module: ModuleType) -> None:
        """Import the components of a library that are used, and list them."""
        library = module.__name__.removesuffix(_LIST)
        names = COMPONENTS[library]
        for name in names:
            setattr(module, name, getattr(import_module(f"{library}.{name}"), name))
        vars(module)["__all__"] = list(names)


class Finder(MetaPathFinder):
    """Finds the lists of `COMPONENTS` before those on disk."""

    def find_spec(self, fullname: str, *_: Sequence[str] | ModuleType | None) -> ModuleSpec | None:
        """Return the specification of a list; None for every other module."""
        if fullname.endswith(_LIST) and fullname.removesuffix(_LIST) in COMPONENTS:
            return spec_from_loader(fullname, Listing())
        return None


def install() -> None:
    """Have these lists be imported from now on; libraries that are there already stay whole."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
