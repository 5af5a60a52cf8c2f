"""The tabs of the detail pane: one module each, in the order in which they stand."""

from __future__ import annotations

from ecrtui.ui.panes.tabs.builds import BuildsTab
from ecrtui.ui.panes.tabs.cost import CostTab
from ecrtui.ui.panes.tabs.findings import FindingsTab
from ecrtui.ui.panes.tabs.json import JsonTab
from ecrtui.ui.panes.tabs.layers import LayersTab
from ecrtui.ui.panes.tabs.overview import OverviewTab
from ecrtui.ui.panes.tabs.permissions import PermissionsTab
from ecrtui.ui.panes.tabs.regions import RegionsTab
from ecrtui.ui.panes.tabs.tab import Tab
from ecrtui.ui.panes.tabs.used_by import UsedByTab

TABS: tuple[Tab, ...] = (
    OverviewTab(),
    LayersTab(),
    FindingsTab(),
    UsedByTab(),
    BuildsTab(),
    PermissionsTab(),
    CostTab(),
    RegionsTab(),
    JsonTab(),
)
