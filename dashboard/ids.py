"""Element ids shared by callbacks and scripts; the scripts' type `ElementId` is generated from them."""

from __future__ import annotations

from typing import Final

# -- on every page
THEME: Final = "synrl-theme"
"""Data for the scripts, see dashboard.script_data."""
URL: Final = "url"
"""Where the browser is; written to, it opens another page without a reload."""
ROUTE_SINK: Final = "route-sink"
CONTENT: Final = "content"
"""What the page is about: the skip link leads here, and the keyboard after a change of pages."""
PROJECTOR: Final = "projector"
"""Switches to type that is large enough for a projector."""
NAV_COMPARE: Final = "nav-compare"
"""Leads to the comparison of the runs that are chosen on the page of the runs."""
PERSON_NAME: Final = "person-name"
PEOPLE_REFUSAL: Final = "people-refusal"
"""Where the pages Class and Settings say what the server refused."""
FAILED_SIGN_INS: Final = "failed-sign-ins"
"""Where the page Class says who guesses passwords and codes."""
NEWS: Final = "news"
"""What became of the last action on runs, with the way back."""

# -- page of the policies
PAPER: Final = "paper"
PAPER_MOUNTED: Final = "paper-mounted"
PAPER_CURVES_PLAIN: Final = "paper-curves-784-10"
PAPER_CURVES_HIDDEN: Final = "paper-curves-784-32-10"
POLICIES: Final = "policies"
"""Filled by the page's script."""
POLICIES_MOUNTED: Final = "policies-mounted"

# -- page of the runs
RUNS_PAGE: Final = "runs-page"
RUNS_GRID: Final = "runs-grid"
RUNS_MOUNTED: Final = "runs-mounted"
START_ERROR: Final = "start-error"
RUNS_COUNT: Final = "runs-count"
RUNS_TOOLBAR: Final = "runs-toolbar"
RUNS_BULK: Final = "runs-bulk"
"""What can be done with the chosen runs."""
RUNS_NONE_CLEAR: Final = "runs-none-clear"
"""Clears the filters where no run matches them."""
NEW_RUN: Final = "new-run"
NEW_RUN_MENU: Final = "new-run-menu"

# -- page of a new run
NEW_PAGE: Final = "new-page"
NEW_MOUNTED: Final = "new-mounted"
NEW_FORM: Final = "new-form"

# -- the playground
PLAYGROUND: Final = "playground"
"""Filled by its script."""
PLAYGROUND_MOUNTED: Final = "playground-mounted"

# -- class sessions
SEAT: Final = "seat"
"""A student's page, filled by its script."""
BOARD: Final = "board"
"""The projector's page, filled by its script."""
CLASS_SESSION: Final = "class-session"
"""The teacher's part for a session, filled by its script."""

# -- lessons
LEARN: Final = "learn"
LEARN_MOUNTED: Final = "learn-mounted"
LESSON: Final = "lesson"
"""Filled by its script: text and scene."""
LESSON_MOUNTED: Final = "lesson-mounted"

# -- the class, and settings
PERSONAL_CODE: Final = "personal-code"
PEOPLE_MOUNTED: Final = "people-mounted"
JOIN_LINKS: Final = "join-links"
PEOPLE_TABLE: Final = "people-table"
CLASS_NOW: Final = "class-now"
CLASS_NEWS: Final = "class-news"
SETTINGS_MOUNTED: Final = "settings-mounted"
TOKENS: Final = "tokens"

# -- page of the comparison
COMPARE_PAGE: Final = "compare-page"
COMPARE_MOUNTED: Final = "compare-mounted"
COMPARE_HEADLINE: Final = "compare-headline"
COMPARE_PROBLEM: Final = "compare-problem"
COMPARE_CONTROLS: Final = "compare-controls"
COMPARE_PICKER: Final = "compare-picker"
COMPARE_GROUPS: Final = "compare-groups"
COMPARE_SETTINGS: Final = "compare-settings"
COMPARE_CURVES: Final = "compare-curves"
COMPARE_DISTRIBUTION: Final = "compare-distribution"
COMPARE_DIFFERENCES: Final = "compare-differences"
COMPARE_PARALLEL: Final = "compare-parallel"
COMPARE_WEIGHTS: Final = "compare-weights"
COMPARE_CONFUSION: Final = "compare-confusion"
COMPARE_CONFUSION_ASK: Final = "compare-confusion-ask"
COMPARE_WEIGHTS_CONTROLS: Final = "compare-weights-controls"

# -- page of the data
DATASETS_PAGE: Final = "datasets-page"
DATASETS_MOUNTED: Final = "datasets-mounted"
UPLOAD_PANEL: Final = "upload-panel"

# -- page of a run
RUN_PAGE: Final = "run-page"
RUN_MOUNTED: Final = "run-mounted"
RUN_ACTIONS: Final = "run-actions"
"""Buttons of what can be done with the run now; filled by the script, as are all that follow to RUN_NOTE."""
RUN_NAME: Final = "run-name"
RUN_RENAME: Final = "run-rename"
RUN_ERROR: Final = "run-error"
RUN_PROGRESS: Final = "run-progress"
RUN_PROGRESS_WORDS: Final = "run-progress-words"
RUN_BAR: Final = "run-bar"
RUN_TAGS: Final = "run-tags"
RUN_NOTES: Final = "run-notes"
RUN_NOTE: Final = "run-note"
"""What became of a click, for eyes and screen readers."""
RUN_PROVENANCE: Final = "run-provenance"
RUN_MESSAGE: Final = "run-message"
"""Why something was refused."""
RUN_LOG: Final = "run-log"
RUN_TABS: Final = "run-tabs"
RUN_TABS_SINK: Final = "run-tabs-sink"
SHOW_REPLICATES: Final = "show-replicates"
SHOW_BASELINE: Final = "show-baseline"
BASELINE_NOTE: Final = "baseline-note"
ACTIONS_LAYER: Final = "actions-layer"
ACTIONS_SINK: Final = "actions-sink"
TIME: Final = "time"
"""The moment that weights, table and mistakes are shown at: now, or a stored snapshot."""
SYNAPSE: Final = "synapse"
POLICY: Final = "policy"
MISTAKES: Final = "mistakes"
CONFUSION: Final = "confusion"
STATES: Final = "states"
STATES_CONTROLS: Final = "states-controls"
WEIGHTS_LAYER: Final = "weights-layer"
WEIGHTS_VIEW: Final = "weights-view"
WEIGHTS_MEASURE: Final = "weights-measure"
WEIGHTS_CELLS: Final = "weights-cells"
"""The heatmap and its frame, which the keyboard reaches."""
WEIGHTS_EXACT: Final = "weights-exact"
WEIGHTS_SINK: Final = "weights-sink"
ACCURACY: Final = "accuracy"
LOSS: Final = "loss"
ACTIONS: Final = "actions"
LAYERS: Final = "layers"
REWARD: Final = "reward"
WEIGHTS: Final = "weights"


def start_card(preset: str) -> str:
    """Card of a preset on the empty page."""
    return f"start-{preset}"


def start_item(preset: str) -> str:
    """Entry of a preset in the menu of new runs."""
    return f"start-item-{preset}"


def graph(panel: str) -> str:
    """Graph of a panel."""
    return f"{panel}-graph"


def now(panel: str) -> str:
    """Current numbers of a panel."""
    return f"{panel}-now"


def alternative(panel: str) -> str:
    """Text alternative of a panel's figure."""
    return f"{panel}-alternative"


def title(panel: str) -> str:
    """Heading of a panel."""
    return f"{panel}-title"
