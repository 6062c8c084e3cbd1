"""Runs ministack as it is, but for what follows. AWS reports a failed Node function by its error's name, by which a state
machine retries it, and ministack calls every such error Runtime.HandlerError. On AWS each function has credentials of its
own role: here the access key says which (local/endpoint/identity.ts). A message sent to a queue is handed to the
function behind it at once, as AWS's pollers do, not up to a second later. CloudWatch knows the moment at which an alarm
changed to the millisecond, not only the second. ElastiCache takes subnets as they are, which are moto's, puts nodes into
the zones that it is told, keeps the topic of their events, promotes the replica that it is told to, and knows users who
say who they are by IAM. SES has other keys for a domain in each Region. An alarm changes when it is told to: ministack
would take a metric's data of all dimensions for each alarm's. A state machine waits a thousandth of its time, before its
first state too. A function's run is over when it has answered: ministack would wait for something to be logged, and
pause before it looks at a queue again."""

import re
import runpy
import time
from types import SimpleNamespace

from ministack.core import lambda_runtime
from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_region
from ministack.services import cloudwatch, elasticache, lambda_svc, ses, ses_v2, sqs, stepfunctions


def role_credentials(config):
    role = config.get("Role", "").rsplit("/", 1)[-1]
    key = f"function:{role}:{config.get('FunctionName', '')}"
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": ""}


lambda_runtime.execution_credentials = role_credentials
lambda_svc.execution_credentials = role_credentials

execute = lambda_svc._execute_function_with_config_scope


def execute_and_name(*args, **kwargs):
    result = execute(*args, **kwargs)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        # The log ends with the error's stack, which begins with "NAME: MESSAGE".
        message = re.escape(body.get("errorMessage", ""))
        named = re.search(rf"^(\w+): {message}", result.get("log") or "", re.MULTILINE)
        if named:
            body["errorType"] = named.group(1)
    return result


lambda_svc._execute_function_with_config_scope = execute_and_name
# An error's stack comes with the answer; nothing else of the log is read.
lambda_runtime.Worker._drain_stderr_bounded = lambda worker: worker._drain_stderr()
lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = 0
stepfunctions.time = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / 1000))


def and_wake(send):
    def sent(*args, **kwargs):
        result = send(*args, **kwargs)
        esm_wake.set()
        return result

    return sent


for action in ("SendMessage", "SendMessageBatch"):
    sqs._HANDLERS[action] = and_wake(sqs._HANDLERS[action])

record_history = cloudwatch._record_history
changed_at = {}


def record_moment(name, old_state, new_state, *others):
    alarm = cloudwatch._alarms.get(name)
    if alarm is not None and old_state != new_state:
        # CloudWatch evaluates an alarm every ten seconds at most, so it doesn't go off twice in one, however fast a drill is.
        change = (get_region(), name, new_state)
        changed_at[change] = max(time.time(), changed_at.get(change, 0) + 1)
        alarm["StateUpdatedTimestamp"] = round(changed_at[change], 3)
    return record_history(name, old_state, new_state, *others)


cloudwatch._record_history = record_moment
cloudwatch._evaluate_alarm = lambda alarm: None


def subnets_of_moto(request):
    region = elasticache.get_region()
    ids = elasticache._extract_configs(request, "SubnetIds", ("SubnetIdentifier", "member"))
    subnets = [
        {"SubnetIdentifier": subnet_id, "SubnetAvailabilityZone": {"Name": f"{region}{chr(ord('a') + at)}"}}
        for at, subnet_id in enumerate(ids)
    ]
    return subnets, ""


elasticache._resolve_subnets = subnets_of_moto
create_group = elasticache._create_replication_group


def create_in_zones(request):
    answer = create_group(request)
    group = elasticache._replication_groups.get(elasticache._p(request, "ReplicationGroupId"))
    zones = elasticache._extract_configs(request, "PreferredCacheClusterAZs", ("AvailabilityZone", "member"))
    for shard in group["NodeGroups"] if group else []:
        for at, member in enumerate(shard["NodeGroupMembers"]):
            node = elasticache._clusters[member["CacheClusterId"]]
            node["NotificationTopicArn"] = elasticache._p(request, "NotificationTopicArn")
            if at < len(zones):
                node["PreferredAvailabilityZone"] = member["PreferredAvailabilityZone"] = zones[at]
    return answer


elasticache._create_replication_group = create_in_zones
describe_node = elasticache._cluster_xml_inner


def with_topic(node):
    topic = node.get("NotificationTopicArn")
    status = f"<TopicArn>{topic}</TopicArn><TopicStatus>active</TopicStatus>"
    return describe_node(node) + (f"<NotificationConfiguration>{status}</NotificationConfiguration>" if topic else "")


elasticache._cluster_xml_inner = with_topic
modify_group = elasticache._modify_replication_group


def modify_or_promote(request):
    promoted = elasticache._p(request, "PrimaryClusterId")
    group = elasticache._replication_groups.get(elasticache._p(request, "ReplicationGroupId"))
    for shard in group["NodeGroups"] if group and promoted else []:
        if any(member["CacheClusterId"] == promoted for member in shard["NodeGroupMembers"]):
            for member in shard["NodeGroupMembers"]:
                member["CurrentRole"] = "primary" if member["CacheClusterId"] == promoted else "replica"
    return modify_group(request)


elasticache._modify_replication_group = modify_or_promote


def by_iam(act):
    def acted(request):
        answer = act(request)
        user = elasticache._users.get(elasticache._p(request, "UserId"))
        if user is not None and elasticache._p(request, "AuthenticationMode.Type") == "iam":
            user["Authentication"] = {"Type": "iam", "PasswordCount": 0}
        return answer

    return acted


elasticache._create_user = by_iam(elasticache._create_user)
elasticache._modify_user = by_iam(elasticache._modify_user)
tokens_of = ses._dkim_tokens
ses._dkim_tokens = ses_v2._dkim_tokens = lambda domain: tokens_of(f"{domain} in {get_region()}")
runpy.run_module("ministack", run_name="__main__")
