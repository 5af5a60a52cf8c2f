"""What the use cases need of the world. Adapters implement these; the use cases know nothing else of AWS.

Every method raises `AppError` and nothing else (cancellation aside).
"""

from ecrtui.services.ports.account import Account, Permissions, RegionStatus, Runtime
from ecrtui.services.ports.builds import Builds, LogPage, Logs
from ecrtui.services.ports.clock import Clock, Sleep
from ecrtui.services.ports.journal import Journal, JournalEntry
from ecrtui.services.ports.json import Json
from ecrtui.services.ports.login import CodeQuestion, Login, Network
from ecrtui.services.ports.registry import ImageId, Page, PreviewMark, PreviewReport, Registry, StoredPolicy
from ecrtui.services.ports.sender import Identity, Receipt, Sender

__all__ = [
    "Account",
    "Builds",
    "Clock",
    "CodeQuestion",
    "Identity",
    "ImageId",
    "Journal",
    "JournalEntry",
    "Json",
    "LogPage",
    "Login",
    "Logs",
    "Network",
    "Page",
    "Permissions",
    "PreviewMark",
    "PreviewReport",
    "Receipt",
    "RegionStatus",
    "Registry",
    "Runtime",
    "Sender",
    "Sleep",
    "StoredPolicy",
]
