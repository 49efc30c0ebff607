#!/usr/bin/env python3
"""What one writes in Python instead of hookline: cuts standard input into batches of 500 lines and POSTs them.

Usage:  bench_peer_aiohttp.py URL CA-FILE < EVENTS      prints how many requests were answered with 2xx

It looks into no event, signs nothing, retries nothing, and keeps no books. scripts/bench peers runs it.

Needs:  Python 3.9, aiohttp from PyPI.
"""
import asyncio
import itertools
import ssl
import sys

import aiohttp

LINES, CONNECTIONS = 500, 4


async def main():
    url, ca = sys.argv[1:]
    answered = 0

    async def sender():
        nonlocal answered
        while batch := b"".join(itertools.islice(sys.stdin.buffer, LINES)):
            async with session.post(url, data=batch, headers={"Content-Type": "application/x-ndjson"}) as response:
                response.raise_for_status()
                await response.read()
                answered += 1

    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=ssl.create_default_context(cafile=ca))
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))
    print(answered)


if __name__ == "__main__":
    asyncio.run(main())
