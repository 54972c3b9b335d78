#!/usr/bin/env python3
"""What python3-jenkins reads of a run that waits, and orders of a Jenkins that demands a crumb: exit status 0 when it
agrees with what a Jenkins is."""

import sys

import jenkins
import requests

url, user, token = sys.argv[1:4]
job = "team/cart/main"
server = jenkins.Jenkins(url, username=user, password=token, timeout=20)

report = server.get_build_test_report(job, 1)
assert (report["passCount"], report["failCount"], report["skipCount"]) == (1, 0, 1), report
assert server.get_build_test_report("team/risk/main", 1) is None
build = server.get_build_info(job, 1)
assert "cart.tar.gz" in {one["relativePath"] for one in build["artifacts"]}, build
assert "<flow-definition" in server.get_job_config(job)

# Without its crumb nothing is done.
refused = requests.post(url.rstrip("/") + "/job/team/job/cart/job/main/1/stop", auth=(user, token), timeout=20)
assert refused.status_code == 403 and "crumb" in refused.text, (refused.status_code, refused.text)
assert server.get_build_info(job, 1)["building"] is True

item = server.build_job(job, {"LEVEL": "debug"})
assert item in {one["id"] for one in server.get_queue_info()}
try:
    server.cancel_queue(item)
except jenkins.EmptyResponseException:
    pass  # 204: it has nothing to say
assert item not in {one["id"] for one in server.get_queue_info()}
assert server.get_queue_item(item)["cancelled"] is True

server.stop_build(job, 1)
stopped = server.get_build_info(job, 1)
assert (stopped["building"], stopped["result"]) == (False, "ABORTED"), stopped
