"""The playground's page of one file refers to nothing outside itself."""

from __future__ import annotations

import base64
import json
import re

from dashboard.standalone import SLOT, standalone_page


def imports(page: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    addresses: dict[str, str] = json.loads(found[1])["imports"]
    return {name: base64.b64decode(address.partition(",")[2]).decode() for name, address in addresses.items()}


def test_every_module_imports_only_modules_of_the_file() -> None:
    page = standalone_page()
    modules = imports(page)
    assert f'import "{next(name for name in modules if "standalone" in name)}"' in page
    for name, source in modules.items():
        named = re.findall(r"""^(?:import|export)\b(?:[^;"'()]*\bfrom)?\s*["']([^"']+)["']""", source, re.MULTILINE)
        assert set(named) <= modules.keys(), name


def test_it_fetches_nothing_and_has_one_place_for_a_scene() -> None:
    page = standalone_page()
    style = page.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert page.count(f">{SLOT}<") == 1
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
