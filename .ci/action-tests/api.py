#!/usr/bin/env python3
"""A stand-in for the few calls of the platform's REST API that comment.sh makes, and nothing else.

    api.py FOLDER

It listens on a free port of 127.0.0.1, which it writes to FOLDER/port. FOLDER/comments.json holds
the comments of pull request 7; FOLDER/refuse, if there, the status that each write comes to. Every
request is noted in FOLDER/requests, with its token.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FOLDER = Path(sys.argv[1])
COMMENTS = FOLDER / "comments.json"


class Api(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_call(self):
        with open(FOLDER / "requests", "a") as requests:
            requests.write(f"{self.command} {self.path} {self.headers['Authorization']}\n")
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        comments = json.loads(COMMENTS.read_text())
        url = urlsplit(self.path)
        if sent is None and url.path == "/repos/me/shop/issues/7/comments":
            query = parse_qs(url.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return self.answer(200, comments[(page - 1) * size : page * size])
        if (FOLDER / "refuse").exists():
            status = int((FOLDER / "refuse").read_text())
            return self.answer(status, {"message": "Resource not accessible by integration"})
        if len(sent["body"]) > 65536:
            return self.answer(422, {"message": "body is too long (maximum is 65536 characters)"})
        if self.command == "POST" and url.path == "/repos/me/shop/issues/7/comments":
            comment = {"id": 5000 + len(comments), "user": {"type": "Bot"}, "author_association": "NONE"}
            comments.append(comment)
        else:
            number = int(re.fullmatch(r"/repos/me/shop/issues/comments/(\d+)", url.path)[1])
            comment = next(comment for comment in comments if comment["id"] == number)
        comment |= sent | {"html_url": f"https://example.invalid/{comment['id']}"}
        COMMENTS.write_text(json.dumps(comments))
        return self.answer(201 if self.command == "POST" else 200, comment)

    do_GET = do_POST = do_PATCH = handle_call

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Api)
(FOLDER / "port").write_text(str(server.server_port))
server.serve_forever()
