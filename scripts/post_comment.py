"""Post a pull request's comment, or renew the one that is there.

usage: post_comment.py NUMBER FILE

Reads GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN, as GitHub Actions sets them. The file's
first line is a marker by which a comment is found again; only a bot's is ever changed.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = 100
TIMEOUT_S = 30


def main(number: str, file: str) -> None:
    """Create the comment, or change its body."""
    body = Path(file).read_text()
    marker = body.splitlines()[0]
    issue = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    for one in comments(f"{issue}/{int(number)}/comments"):
        if one["user"]["type"] == "Bot" and one["body"].startswith(marker):
            call("PATCH", f"{issue}/comments/{one['id']}", {"body": body})
            print(f"renewed the comment {one['id']}")
            return
    made = call("POST", f"{issue}/{int(number)}/comments", {"body": body})
    print(f"posted the comment {made['id']}")


def comments(path: str) -> Iterator[dict[str, Any]]:
    """All comments of a pull request, page by page."""
    page = 1
    while True:
        found = call("GET", f"{path}?per_page={PAGE}&page={page}")
        yield from found
        if len(found) < PAGE:
            return
        page += 1


def call(method: str, path: str, content: dict[str, str] | None = None) -> Any:
    """One request to GitHub's API."""
    request = urllib.request.Request(
        os.environ["GITHUB_API_URL"] + path,
        method=method,
        data=json.dumps(content).encode() if content else None,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        sys.exit("usage: post_comment.py NUMBER FILE")
    try:
        main(*sys.argv[1:])
    except KeyError as missing:
        sys.exit(f"error: {missing.args[0]} is not set: run it in a workflow, or set it")
    except urllib.error.URLError as refused:
        sys.exit(f"error: GitHub refused ({refused}): does the token have pull-requests: write?")
