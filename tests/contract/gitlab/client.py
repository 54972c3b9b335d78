#!/usr/bin/env python3
"""python-gitlab, which is not ours, on the practice world's GitLab.

    client.py URL CA-FILE PROJECT read|decide|reject|run

One line of JSON for each thing seen. Debian's python3-gitlab.
"""
import json
import os
import sys

import gitlab


def tell(**what):
    print(json.dumps(what))


def read(project):
    for pipeline in project.pipelines.list(iterator=True, per_page=2):
        tell(what="run", id=pipeline.id, status=pipeline.status, source=pipeline.source)
    pipeline = project.pipelines.get(project.pipelines.list(get_all=False)[0].id)
    tell(what="whole", id=pipeline.id, user=pipeline.user["username"], group=pipeline.detailed_status["group"])
    for job in pipeline.jobs.list(iterator=True, include_retried=True):
        tell(what="job", name=job.name, stage=job.stage, status=job.status)
    for bridge in pipeline.bridges.list(iterator=True):
        tell(what="bridge", name=bridge.name, below=(bridge.downstream_pipeline or {}).get("id"))
    tell(what="tests", count=pipeline.test_report.get().total_count)
    tell(what="summary", count=pipeline.test_report_summary.get().total["count"])
    compile_job = [job for job in pipeline.jobs.list(iterator=True) if job.name == "compile"][0]
    tell(what="trace", bytes=len(project.jobs.get(compile_job.id).trace()))
    for schedule in project.pipelineschedules.list(iterator=True):
        tell(what="schedule", cron=schedule.cron)
    for environment in project.environments.list(iterator=True):
        tell(what="environment", name=environment.name)
    tell(what="branch", commit=project.branches.get("feature/x").commit["id"])
    for name in ("no-such-branch",):
        try:
            project.branches.get(name)
        except gitlab.exceptions.GitlabGetError as error:
            tell(what="refused", status=error.response_code, message=error.error_message)


def decide(project):
    blocked = project.deployments.list(get_all=False, status="blocked")[0]
    deployment = project.deployments.get(blocked.id)
    tell(what="blocked", environment=deployment.environment["name"], pending=deployment.pending_approval_count,
         rule=deployment.approval_summary["rules"][0]["access_level_description"])
    job = project.jobs.get(deployment.deployable["id"])
    try:
        job.play()
    except gitlab.exceptions.GitlabJobPlayError as error:
        tell(what="refused", status=error.response_code, message=error.error_message)
    deployment.approval("approved", comment="by python-gitlab")
    tell(what="approved", pending=project.deployments.get(blocked.id).pending_approval_count)
    try:
        project.deployments.get(blocked.id).approval("approved")
    except gitlab.exceptions.GitlabDeploymentApprovalError as error:
        tell(what="refused", status=error.response_code, message=error.error_message)
    job.play()
    tell(what="played", status=project.jobs.get(job.id).status)


def reject(project):
    blocked = project.deployments.list(get_all=False, status="blocked")[0]
    deployment = project.deployments.get(blocked.id)
    said = deployment.approval("rejected", comment="not by python-gitlab")
    tell(what="rejected", status=said["status"], who=said["user"]["username"], comment=said["comment"])
    settled = project.deployments.get(blocked.id)
    votes = [(vote["user"]["username"], vote["status"]) for vote in settled.approvals]
    tell(what="settled", status=settled.status, votes=votes)
    job = project.jobs.get(deployment.deployable["id"])
    tell(what="job", status=job.status, reason=job.failure_reason)
    for again in ("approved", "rejected"):
        try:
            settled.approval(again)
        except gitlab.exceptions.GitlabDeploymentApprovalError as error:
            tell(what="refused", status=error.response_code, message=error.error_message)
    tell(what="left", count=len(project.deployments.list(get_all=True, status="blocked")))


def run(project):
    made = project.pipelines.create({"ref": "main", "variables": [{"key": "A", "value": "b"}]})
    tell(what="made", source=made.source, variables={one.key: one.value for one in made.variables.list(get_all=True)})
    first = [job for job in made.jobs.list(iterator=True) if job.name == "compile"][0]
    job = project.jobs.get(first.id)
    job.cancel()
    job.refresh()
    tell(what="stopped", status=job.status)
    made.cancel()
    made.refresh()
    tell(what="cancelled", status=made.status)
    made.retry()
    made.refresh()
    tell(what="retried", status=made.status)
    made.delete()
    try:
        project.pipelines.get(made.id)
    except gitlab.exceptions.GitlabGetError as error:
        tell(what="deleted", status=error.response_code)


def main():
    url, ca, path, what = sys.argv[1:]
    api = gitlab.Gitlab(url, private_token=os.environ["GITLAB_TOKEN"], ssl_verify=ca, timeout=20, retry_transient_errors=False)
    api.auth()
    tell(what="me", name=api.user.username)
    tell(what="version", version=api.version()[0])
    {"read": read, "decide": decide, "reject": reject, "run": run}[what](api.projects.get(path))


main()
