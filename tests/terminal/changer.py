"""Makes every kind of change that there is at once, until it is killed: `python changer.py REPOSITORY POLICED EMPTY`.

Everything is real: the account at AWS_ENDPOINT_URL, the gateway, and the journal of this machine.
"""

import asyncio
import os
import sys

from ecrtui.aws.session import AccountOptions, open_account
from ecrtui.domain.lifecycle import template, to_json
from ecrtui.services.builds import history, plan_retry, plan_start, plan_stop
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import plan
from ecrtui.services.findings import plan_scan
from ecrtui.services.image_tags import plan_tag, plan_untag
from ecrtui.services.image_uses import all_images
from ecrtui.services.images import plan_delete_images
from ecrtui.services.lifecycle import plan_delete
from ecrtui.services.lifecycle_preview import aws_preview
from ecrtui.services.policies import put_step
from ecrtui.services.ports import Account
from ecrtui.services.protection import mutability_step, scan_step
from ecrtui.services.repository_deletion import plan_delete_repository
from ecrtui.store.journal import FileJournal
from ecrtui.store.paths import journal_path

REGION = "ap-northeast-2"
POLICY = to_json(template("keep-last").policy())


async def steps(account: Account, name: str, policed: str, empty: str) -> list[Step]:
    """The steps, planned; `name` has images, one of them with two tags."""
    registry = account.registry(REGION)
    repository = await registry.repository(name)
    images = [image for image in await all_images(account, REGION, name) if image.tags and not image.is_index]
    one, two, *_ = [image for image in images if len(image.tags) == 1]
    moving = next(image for image in images if len(image.tags) > 1).tags[0]
    ended = next(build for build in await history(account, REGION, "invoice-mailer") if build.complete)
    running = next(build for build in await history(account, REGION, "search-indexer") if build.active)
    made = RepositorySettings("made", REGION, tags={"team": "pets", "api-token": "canary"})
    return [
        (await plan(account, [made], allow_without_project=True)).steps[0],
        put_step(account, REGION, name, POLICY, before=None),
        await plan_delete(account, REGION, policed),
        mutability_step(account, repository, "IMMUTABLE"),
        scan_step(account, repository, on=not repository.scan_on_push),
        await plan_tag(account, REGION, name, one.digest, "again"),
        await plan_untag(account, REGION, name, moving),
        *(await plan_delete_images(account, REGION, name, [two.digest], allow_in_use=True)).steps,
        *(await plan_scan(account, REGION, name, [one])),
        (await plan_delete_repository(account, REGION, empty)).steps[-1],
        plan_start(account, REGION, "docs-site"),
        plan_retry(account, REGION, ended.id),
        plan_stop(account, REGION, running.id),
    ]


async def main() -> None:
    options = AccountOptions(region=REGION, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    journal = FileJournal(journal_path())
    # several, since an account makes eight calls to a service at a time
    accounts = [await open_account(options) for _ in range(3)]
    planned = [await steps(account, *sys.argv[1:]) for account in accounts]
    who = await accounts[0].identity()
    gateways = [Gateway(account, journal) for account in accounts]
    changes = [gateways[number % 3].apply(planned[number % 3][number], who) for number in range(len(planned[0]))]
    preview = aws_preview(gateways[0], accounts[0], who, REGION, sys.argv[1], POLICY)
    await asyncio.gather(preview, *changes)


asyncio.run(main())
