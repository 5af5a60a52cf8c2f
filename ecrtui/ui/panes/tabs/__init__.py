"""The tabs of the detail pane: one module each, in the order in which they stand."""

from __future__ import annotations

from ecrtui.ui.panes.tabs.builds import BuildsTab
from ecrtui.ui.panes.tabs.findings import FindingsTab
from ecrtui.ui.panes.tabs.json import JsonTab
from ecrtui.ui.panes.tabs.overview import OverviewTab
from ecrtui.ui.panes.tabs.tab import Tab

TABS: tuple[Tab, ...] = (
    OverviewTab(),
    FindingsTab(),
    BuildsTab(),
    JsonTab(),
)
