"""Explore: what the detail and the commands are about, by the list with the focus, its cursor and its marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecrtui.services.slices import RepositoriesKey
from ecrtui.services.state import Loading
from ecrtui.ui.panes.images import ImagesPane
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.regions import RegionsPane
from ecrtui.ui.panes.repositories import RepositoriesPane
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class Selection:
    """A region, a repository or an image of the three lists."""

    def __init__(self, regions: RegionsPane, repositories: RepositoriesPane, images: ImagesPane) -> None:
        self._regions = regions
        self._repositories = repositories
        self._images = images
        self.list: ListPane = repositories
        """The list that has the focus, or had it before the detail, which is of its row."""

    @property
    def on_region(self) -> bool:
        """Whether a region is meant."""
        return self.list is self._regions

    @property
    def on_image(self) -> bool:
        """Whether images are meant, rather than their repository."""
        return self.list is self._images

    @property
    def subject(self) -> Subject:
        """What a command is about: the repository, and its image when images are meant."""
        repository = self._repositories.current
        if repository is None:
            return Subject()
        return Subject(repository.region, repository.name, self._images.current if self.on_image else None)

    @property
    def repositories(self) -> Sequence[Subject]:
        """The marked repositories, else the one under the cursor."""
        marked = [key for key in self._repositories.table.targets if isinstance(key, RepositoryKey)]
        return [Subject(key.region, key.name) for key in marked]

    @property
    def images(self) -> Sequence[str]:
        """The digests of the marked images, else of the one under the cursor."""
        return [key for key in self._images.table.targets if isinstance(key, str)]

    @property
    def marked_images(self) -> Sequence[str]:
        """The digests of the marked images."""
        return [key for key in self._images.table.marks if isinstance(key, str)]

    @property
    def region(self) -> str | None:
        """The region under the cursor, when a region is meant."""
        return str(self._regions.key) if self.on_region and self._regions.key else None

    @property
    def measured(self) -> tuple[str, str | None]:
        """What is measured: region and repository, or a whole region."""
        region, subject = self.region, self.subject
        return (region, None) if region is not None else (subject.region, subject.name)

    @property
    def no_repository(self) -> str:
        """Why there is no repository under the cursor; empty when there is one."""
        if self._repositories.current is not None:
            return ""
        app: EcrtuiApp = self._repositories.ecrtui
        keys = [RepositoriesKey(region) for region in app.scope]
        loading = not keys or any(isinstance(app.state.get(key), Loading) for key in keys)
        return "the repositories are still loading" if loading else "no repository is selected"

    @property
    def no_image(self) -> str:
        """Why commands are about no image; empty when they are about one."""
        return "" if self.subject.digest else "no image is selected"
