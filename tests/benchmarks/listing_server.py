"""A registry that answers DescribeImages from memory, as fast as it can: `python listing_server.py IMAGES`.

It prints its URL, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from hashlib import sha256

from aiohttp import web

PAGE = 1000


def page(start: int, images: int) -> bytes:
    """One page of images with every member that AWS sends of a usual image."""
    rows = [
        {
            "registryId": "123456789012",
            "repositoryName": "big",
            "imageDigest": f"sha256:{sha256(str(number).encode()).hexdigest()}",
            "imageTags": [f"main-{number:07x}", f"1.{number // 100}.{number % 100}"][: 1 + number % 2],
            "imageSizeInBytes": 50_000_000 + number * 37,
            "imagePushedAt": 1_700_000_000.123 + number,
            "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactMediaType": "application/vnd.oci.image.config.v1+json",
            "lastRecordedPullTime": 1_760_000_000.5 + number,
            "imageStatus": "ACTIVE",
        }
        for number in range(start, min(start + PAGE, images))
    ]
    token = {"nextToken": str(start + PAGE)} if start + PAGE < images else {}
    return json.dumps({"imageDetails": rows, **token}).encode()


async def main(images: int) -> None:
    """Serve until standard input ends."""
    bodies = {str(start): page(start, images) for start in range(0, images, PAGE)}

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        body = bodies[asked.get("nextToken", "0")]
        return web.Response(body=body, content_type="application/x-amz-json-1.1")

    application = web.Application()
    application.router.add_post("/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
