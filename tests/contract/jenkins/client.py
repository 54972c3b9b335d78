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
assert len(server.get_job_info("team/cart/main", fetch_all_builds=True)["builds"]) == 1
assert info["firstBuild"]["number"] == 1, info["firstBuild"]
assert server.get_job_info("team/cart/feature%2Ffaster")["firstBuild"] is None

# What is there, and what kind of thing it is.
assert {job["name"] for job in server.get_info()["jobs"]} == {"team"}
assert [job["name"] for job in server.get_jobs()] == ["team"]
assert server.jobs_count() == len(names)
assert server.job_exists("team/cart/main") and not server.job_exists("team/none")
server.assert_job_exists("team/cart/main")
try:
    server.assert_job_exists("team/none")
except jenkins.JenkinsException as problem:
    assert "does not exist" in str(problem), problem
else:
    raise SystemExit("a job that is not there was found to exist")
assert server.is_folder("team") and not server.is_folder("team/cart") and not server.is_folder("team/cart/main")
deep = {job["name"]: job for job in server.get_job_info("team/cart", depth=1)["jobs"]}
assert [one["number"] for one in deep["main"]["builds"]] == [1], deep["main"]
assert server.get_job_info("team/cart/main", depth=1)["builds"][0]["building"] is True

# A Pipeline's run has a one-off executor, which takes none of the node's own: nothing runs there for this client.
assert server.get_nodes() == [{"name": "Built-In Node", "offline": False}]
assert server.get_running_builds() == []
node = server.get_node_info("(built-in)", depth=2)
assert (node["displayName"], node["numExecutors"], len(node["executors"])) == ("Built-In Node", 2, 2), node
assert [one["currentExecutable"]["number"] for one in node["oneOffExecutors"]] == [1], node
try:
    server.get_node_info("no-such-node")
except jenkins.JenkinsException as problem:
    assert "does not exist" in str(problem), problem
else:
    raise SystemExit("a node that is not there was found")

item = server.build_job("team/cart/main", {"LEVEL": "debug"})
assert server.get_queue_item(item)["task"]["name"] == "main"
server.stop_build("team/cart/main", 1)
try:
    server.get_job_info("team/none")
except jenkins.JenkinsException as problem:
    assert "does not exist" in str(problem), problem
else:
    raise SystemExit("a job that is not there was found")
