"""Find a Chromium for the browser tests, or get one: `python -m tests.browser.chromium`.

In this order: the one on PATH, Debian's package when root, Playwright's own download. If none can be had, it says so
and fails, unless SYNRL_SKIP_BROWSER=1. The headless shell comes first, as with Playwright: the same engine without the
windows, menus and extensions around it, and a sixth less work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: A browser for tests: no sandbox (it may run as root), no GPU, no errands of its own on the network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Chromium minds the last list of these only, so that ours repeats what Playwright's leaves out.
_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "ScriptStreaming",
)
#: How scripts run in the process that all visits share.
_SCRIPTS = (
    "--no-opt",  # code that runs for a second is not worth optimising
    "--no-maglev",
    "--no-flush-bytecode",  # what one page compiled is kept for the next visit of it, however many others come between
)
#: What makes many short visits cheaper, for tests alone: measurements want the browser that people have. The tabs of a
#: profile share one process, which keeps what it compiled, so that nothing has to be parsed beside it once more.
SPARING = ("--process-per-site", f"--js-flags={' '.join(_SCRIPTS)}", f"--disable-features={','.join(_WITHOUT)}")
#: No host but this machine can be found, so that a request to another one fails, wherever the tests run.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
SKIP = os.environ.get("SYNRL_SKIP_BROWSER") == "1"


def find() -> str | None:
    """Return the path of a Chromium that is here, or None."""
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    installed = on_path or next((path for path in MACOS_APPLICATIONS if Path(path).exists()), None)
    if installed:
        return installed
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Try to get one."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _apt_get("update")
        for package in ("chromium-headless-shell", "chromium"):  # older releases have the second only
            if find() is None:
                print(f"Installing Debian's {package} for the browser tests ...", flush=True)
                _apt_get("install", "--yes", "--no-install-recommends", package)
    if find() is None:
        print("Downloading Playwright's Chromium for the browser tests ...", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _apt_get(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Make sure that there is one; return the exit code."""
    if SKIP:
        print("SYNRL_SKIP_BROWSER=1: the browser tests will be skipped.")
        return 0
    if find() is None:
        install()
    found = find()
    if found is None:
        print(
            "There is no Chromium for the browser tests: none on PATH, and neither Debian's package nor Playwright's "
            "download could be had. Install one, or leave these tests out with SYNRL_SKIP_BROWSER=1 make test",
            file=sys.stderr,
        )
        return 1
    print(f"Browser tests use {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
