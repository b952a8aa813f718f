"""The reverse proxy that anybody would write with aiohttp, in a few lines; it records nothing."""

import sys
from collections.abc import AsyncIterator

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"}
_SESSION = web.AppKey("session", ClientSession)


def _kept(headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]


async def _pass_on(request: web.Request) -> web.StreamResponse:
    asked = request.app[_SESSION].request(
        request.method,
        sys.argv[2] + request.raw_path,
        headers=_kept(request.headers),
        data=request.content if request.body_exists else None,
        allow_redirects=False,
    )
    async with asked as answer:
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_kept(answer.headers))
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
        await response.write_eof()
        return response


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession(
        auto_decompress=False, cookie_jar=DummyCookieJar(), connector=TCPConnector(limit=0)
    ) as session:
        app[_SESSION] = session
        yield


if __name__ == "__main__":
    app = web.Application()
    app.cleanup_ctx.append(_session)
    app.router.add_route("*", "/{target:.*}", _pass_on)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
