#!/usr/bin/env python3
"""Orders that python-gitlab, which is not ours, gives the practice world's GitLab.

    client_orders.py URL CA-FILE PROJECT TAG

Exit status 0 when it agrees with what a GitLab is. Debian's python3-gitlab.
"""
import os
import sys

import gitlab

url, ca, path, tag = sys.argv[1:]
api = gitlab.Gitlab(url, private_token=os.environ["GITLAB_TOKEN"], ssl_verify=ca, timeout=20, retry_transient_errors=False)
project = api.projects.get(path)
assert path in {one.path_with_namespace for one in api.projects.list(membership=True, get_all=True)}
assert len(project.tags.get(tag).commit["id"]) == 40

# What is protected, and from whom.
branches = {one.name: one for one in project.protectedbranches.list(get_all=True)}
assert set(branches) == {"main"}, branches
assert [level["access_level"] for level in branches["main"].push_access_levels] == [40]
assert project.branches.get("main").protected and not project.branches.get("feature/x").protected
assert [one.name for one in project.protectedtags.list(get_all=True)] == ["v*"]
assert project.tags.get(tag).protected
assert [one.name for one in project.protected_environments.list(get_all=True)] == ["production"]
assert [one.tier for one in project.environments.list(name="production", get_all=True)] == ["production"]
assert project.environments.list(name="nowhere", get_all=True) == []
group = project.namespace["full_path"].split("/")[0]
assert [one["name"] for one in api.http_list(f"/groups/{group}/protected_environments", get_all=True)] == ["staging"]

# A manual job with a variable.
waiting = [job for job in project.pipelines.list(get_all=False, status="manual")[0].jobs.list(iterator=True)
           if job.name == "release"][0]
played = api.http_post(f"/projects/{project.id}/jobs/{waiting.id}/play",
                       post_data={"job_variables_attributes": [{"key": "TRACK", "value": "green"}]})
assert played["id"] == waiting.id and played["status"] != "manual", played

# One job that ended, alone: its successor has another id.
made = project.pipelines.create({"ref": "main"})
made.cancel()
ended = [job for job in made.jobs.list(iterator=True) if job.status == "canceled"][0]
again = project.jobs.get(ended.id).retry()
assert (again["name"], again["id"] != ended.id) == (ended.name, True), again
