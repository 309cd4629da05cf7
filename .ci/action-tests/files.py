#!/usr/bin/env python3
"""Serves a folder on a free port of 127.0.0.1, which it writes to the file PORT.

    files.py FOLDER PORT
"""

import sys
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

folder, port = sys.argv[1:]
server = HTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
Path(port).write_text(str(server.server_port))
server.serve_forever()
