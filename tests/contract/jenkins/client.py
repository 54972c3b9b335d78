#!/usr/bin/env python3
"""What python3-jenkins sees of a Jenkins, and does to it: exit status 0 when it agrees with what a Jenkins is."""

import sys

import jenkins

url, user, token = sys.argv[1:4]
server = jenkins.Jenkins(url, username=user, password=token, timeout=20)
assert server.get_whoami()["id"] == user
assert server.get_version().startswith("2.")
names = {job["fullname"] for job in server.get_all_jobs()}
assert {"team", "team/cart", "team/cart/main", "team/risk/feature%2Ffaster"} <= names, names
assert server.get_job_name("team/cart/main") == "main"
info = server.get_job_info("team/cart/main")
assert info["builds"][0]["number"] == 1, info
build = server.get_build_info("team/cart/main", 1)
assert build["building"] is True and build["result"] is None, build
assert "Start of Pipeline" in server.get_build_console_output("team/cart/main", 1)
item = server.build_job("team/cart/main", {"LEVEL": "debug"})
assert server.get_queue_item(item)["task"]["name"] == "main"
server.stop_build("team/cart/main", 1)
try:
    server.get_job_info("team/none")
except jenkins.JenkinsException as problem:
    assert "does not exist" in str(problem), problem
else:
    raise SystemExit("a job that is not there was found")
