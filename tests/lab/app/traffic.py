#!/usr/bin/env python3
"""Sends GET requests at a steady rate until it is ended: traffic.py --rate 20 http://127.0.0.1:18101/"""
import argparse
import http.client
import threading
import time
from urllib.parse import urlparse


def send(url, rate, offset):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
    due = time.monotonic() + offset
    while True:
        due = max(due + 1 / rate, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))
        try:
            connection.request("GET", url.path or "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rate", type=float, default=10, help="requests per second, all threads together")
    p.add_argument("--threads", type=int, default=4)
    p.add_argument("url")
    a = p.parse_args()
    for i in range(a.threads):
        threading.Thread(target=send, args=(urlparse(a.url), a.rate / a.threads, i / a.rate), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
